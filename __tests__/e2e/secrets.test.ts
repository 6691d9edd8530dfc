import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { readRunnerLog } from '../helpers/runner-log.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { craneFiles, judge } from './helpers/judges.ts';
import { leaksOf } from './helpers/leaks.ts';

/** A PEM of several lines, whose frame and lines are each printed somewhere. */
const PEM = [
  `-----BEGIN PRIVATE ${'KEY'}-----`,
  'cGxhbnRlZC1maXJzdC1saW5lLW9mLWUyZQ',
  'cGxhbnRlZC1zZWNvbmQtbGluZS1vZi1lMmU',
  `-----END PRIVATE ${'KEY'}-----`,
].join('\n');
const NPM = 'npm_e2e "quoted", ünïcode $(and) more';
const FILE = '//npm.example.com/:_authToken=e2e-token-of-the-file';

/** What may be found nowhere; of the PEM each line that is a secret. */
const SECRETS = [NPM, ...PEM.split('\n').slice(1, 3), 'e2e-token-of-the-file'];

const DOCKERFILE = [
  'FROM scratch',
  'COPY --chmod=755 busybox /bin/busybox',
  'SHELL ["/bin/busybox", "sh", "-c"]',
  // What arrives is proved by its hash, and printed as a careless script would.
  'RUN --mount=type=secret,id=npm --mount=type=secret,id=pem --mount=type=secret,id=npmrc \\',
  '  cd /run/secrets; for id in npm pem npmrc; do \\',
  '    /bin/busybox sha256sum < $id > /$id.sha256; \\',
  '    /bin/busybox cat $id; echo; /bin/busybox base64 -w 0 $id; echo; \\',
  '  done',
  '',
].join('\n');

let bench: E2eBench;
let run: ActionRun;
let calls: readonly string[];

beforeAll(async () => {
  bench = await e2eBench();
  const wrappers = bench.folder('wrappers');
  const argv = bench.folder('argv');
  for (const tool of ['docker', 'trivy', 'git', 'tar']) {
    const path = join(wrappers, tool);
    const note = `for word in "$@"; do printf '%s\\0' "$word"; done > "${argv}/${tool}.$$"`;
    writeFileSync(path, `#!/bin/sh\n${note}\nexec "${toolPath(tool)}" "$@"\n`);
    chmodSync(path, 0o755);
  }
  const checkout = bench.checkout({ Dockerfile: DOCKERFILE, busybox: readFileSync(toolPath('busybox')) });
  writeFileSync(join(checkout.folder, '.npmrc'), FILE);
  const csv = (text: string) => `"${text.replaceAll('"', '""')}"`;
  run = await bench.run(
    checkout,
    {
      secrets: `${csv(`npm=${NPM}`)}\n${csv(`pem=${PEM}`)}`,
      'secret-files': 'npmrc=.npmrc',
      'no-cache': 'true',
    },
    // The post step would clear away what is to be searched.
    { env: { PATH: `${wrappers}:${process.env.PATH}` }, withoutPost: true },
  );
  calls = readdirSync(argv).map((file) => readFileSync(join(argv, file), 'utf8'));
});
afterAll(() => bench.dispose());

describe('build secrets', () => {
  it('reach the steps that ask for them', async () => {
    expect(run.outputs.status).toBe('released');
    const files = await craneFiles(run.outputs['image-ref'] ?? '');
    for (const [id, value] of Object.entries({ npm: NPM, pem: PEM, npmrc: FILE }))
      expect(files.get(`${id}.sha256`)?.toString()).toContain(
        createHash('sha256').update(value).digest('hex'),
      );
  });

  it('stand in no argument of a tool', () => {
    expect(calls.filter((call) => call.startsWith('buildx\0bake\0')).length).toBeGreaterThanOrEqual(2);
    for (const call of calls) for (const secret of SECRETS) expect(call).not.toContain(secret);
  });

  it('stand neither in log, summary and outputs nor in any file that the run made', () => {
    const made = readdirSync(run.temp, { recursive: true });
    for (const name of ['bake.json', 'metadata.json', 'release.json', 'index.json'])
      expect(made.filter((path) => String(path).endsWith(name))).not.toEqual([]);
    expect(leaksOf(run, SECRETS)).toEqual([]);
    // The steps did print them.
    expect(run.log).toContain('image |   ***');
  });

  it('are masked before anything else is said, line by line', () => {
    const lines = run.log.split('\n');
    const { commands } = readRunnerLog(run.log);
    const masks = commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data);
    expect(masks).toEqual(expect.arrayContaining(SECRETS.slice(0, 3)));
    const other = lines.findIndex((line) => line !== '' && !line.startsWith('::add-mask::'));
    expect(
      lines.slice(other).filter((line) => SECRETS.slice(0, 3).some((each) => line.includes(each))),
    ).toEqual([]);
  });

  it('stand neither in the config nor in any byte that was pushed', async () => {
    const ref = run.outputs['image-ref'] ?? '';
    const config = await judge('crane', 'config', ref);
    expect(JSON.parse(config).history.length).toBeGreaterThan(2);
    const { blobs, manifests } = bench.registry.catalogue()['acme/modules'] ?? { blobs: [], manifests: [] };
    const pushed = [config, await judge('crane', 'manifest', ref)];
    for (const digest of blobs) {
      const bytes = await bench.registry.store.blobBytes(digest);
      pushed.push(bytes.toString('latin1'), bytes[0] === 0x1f ? gunzipSync(bytes).toString('latin1') : '');
    }
    expect(manifests).toHaveLength(1);
    for (const text of pushed) for (const secret of SECRETS) expect(text).not.toContain(secret);
  });
});

describe('a build secret that is wrong', () => {
  it('is refused without being told', async () => {
    const wrong = 'no-equals-sign-but-a-secret-e2e';
    const refused = await bench.run(bench.checkout({ Dockerfile: DOCKERFILE }), {
      secrets: `npm=${NPM}\n${wrong}`,
    });
    expect(refused.outputs['error-code']).toBe('INPUT_INVALID');
    expect(leaksOf(refused, [wrong, NPM])).toEqual([]);
  });

  it('is one clear error when its file is not there', async () => {
    const missing = await bench.run(
      bench.checkout({ Dockerfile: DOCKERFILE, busybox: readFileSync(toolPath('busybox')) }),
      { 'secret-files': 'npmrc=nowhere/.npmrc' },
    );
    expect(missing.exitCode).toBe(1);
    expect(missing.outputs['error-code']).not.toBe('INTERNAL');
    expect(missing.log).toContain('nowhere/.npmrc');
  });
});
