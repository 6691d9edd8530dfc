import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createArtifacts } from '../../src/adapters/artifacts/artifacts.ts';
import { type ArtifactsBench, artifactsBench, filesOf } from '../helpers/artifacts-bench.ts';
import { ROOT } from '../helpers/run-action.ts';

let bench: ArtifactsBench;

beforeEach(async () => {
  bench = await artifactsBench();
});
afterEach(() => bench.dispose());

const FILES = {
  'handoff.json': '{"a":1}',
  'layouts/app/index.json': '{}',
  'layouts/app/empty': '',
  'layouts/größe/雪.txt': 'snow',
};

describe('artifacts', () => {
  it('what one job uploads, another one of the run finds and gets', async () => {
    const uploaded = await bench.job().upload('handoff-amd64', bench.folder('up', FILES));
    const other = bench.job();
    expect(await other.list('handoff-')).toEqual([uploaded]);
    await other.download(uploaded, join(bench.root, 'down/here'));
    expect(filesOf(join(bench.root, 'down/here'))).toEqual(FILES);
    expect(readdirSync(join(bench.root, 'down'))).toEqual(['here']);
  });

  it('go also when the service tells no digests', async () => {
    const silent = await artifactsBench({ tellsDigests: false });
    try {
      const job = silent.job();
      await job.upload('handoff', silent.folder('up', FILES));
      const [found] = await job.list('');
      expect(found).toEqual({ name: 'handoff', id: 1000, size: expect.any(Number) });
      await job.download(found!, join(silent.root, 'down'));
      expect(filesOf(join(silent.root, 'down'))).toEqual(FILES);
    } finally {
      await silent.dispose();
    }
  });

  it('are listed by the start of their names, those of this run only', async () => {
    const folder = bench.folder('up', FILES);
    for (const name of ['handoff-b', 'other', 'handoff-a']) await bench.job().upload(name, folder);
    await bench.job(bench.results.otherRun()).upload('handoff-c', folder);
    expect((await bench.job().list('handoff-')).map(({ name }) => name)).toEqual(['handoff-a', 'handoff-b']);
    expect(await bench.job(bench.results.otherRun()).list('handoff-')).toEqual([]);
  });

  it('of a re-run take the place of those before, and the others stay', async () => {
    const first = bench.job();
    await first.upload('handoff-a', bench.folder('a1', { text: 'a of attempt 1' }));
    await first.upload('handoff-b', bench.folder('b1', { text: 'b of attempt 1' }));
    const second = bench.job();
    await second.upload('handoff-b', bench.folder('b2', { text: 'b of attempt 2' }));
    const found = await second.list('handoff-');
    for (const artifact of found) await second.download(artifact, join(bench.root, 'down', artifact.name));
    expect(filesOf(join(bench.root, 'down'))).toEqual({
      'handoff-a/text': 'a of attempt 1',
      'handoff-b/text': 'b of attempt 2',
    });
  });

  it('take the place of those before within one attempt too, where the service takes a name once', async () => {
    const job = bench.job();
    await job.upload('handoff', bench.folder('first', { text: 'first' }));
    const again = await job.upload('handoff', bench.folder('second', { text: 'second' }));
    expect(bench.results.requests.filter(({ status }) => status === 409)).toHaveLength(1);
    expect(await job.list('handoff')).toEqual([again]);
    await job.download(again, join(bench.root, 'down'));
    expect(filesOf(join(bench.root, 'down'))).toEqual({ text: 'second' });
  });

  it('hold links as the files they lead to, and no link out of the folder', async () => {
    const folder = bench.folder('up', { 'blobs/one': 'one', 'app/index.json': '{}' });
    const secret = bench.folder('elsewhere', { secret: 'secret' });
    symlinkSync('../blobs/one', join(folder, 'app/one'));
    symlinkSync('../blobs', join(folder, 'app/blobs'));
    symlinkSync(join(secret, 'secret'), join(folder, 'app/secret'));
    symlinkSync('nowhere', join(folder, 'app/nowhere'));
    symlinkSync(secret, join(folder, 'app/outside'));
    const job = bench.job();
    await job.download(await job.upload('handoff', folder), join(bench.root, 'down'));
    expect(filesOf(join(bench.root, 'down'))).toEqual({
      'app/index.json': '{}',
      'app/one': 'one',
      'blobs/one': 'one',
    });
  });

  it('do not overwrite a folder that is there', async () => {
    const job = bench.job();
    const artifact = await job.upload('handoff', bench.folder('up', FILES));
    const there = bench.folder('there', { mine: 'mine' });
    await expect(job.download(artifact, there)).rejects.toThrow();
    expect(filesOf(there)).toEqual({ mine: 'mine' });
  });

  it('are not to be had where no runner gives the service', async () => {
    const { log, clock } = bench;
    const { ACTIONS_RUNTIME_TOKEN: _, ...env } = bench.results.attempt();
    const none = createArtifacts({ env, log, clock, quietly: (_speaker, work) => work() });
    expect(none.available).toBe(false);
    await expect(none.list('handoff-')).rejects.toMatchObject({
      code: 'ARTIFACT_UNAVAILABLE',
      message: expect.stringContaining('there is no service of workflow artifacts here'),
      hint: expect.stringContaining('ACTIONS_RUNTIME_TOKEN'),
    });
    expect(bench.results.requests).toEqual([]);
    expect(bench.job().available).toBe(true);
  });

  it('are not taken for there on an own server of GitHub, which has the variables alone', () => {
    const { log, clock } = bench;
    const at = (url: string) => {
      const env = { ...bench.results.attempt(), GITHUB_SERVER_URL: url };
      return createArtifacts({ env, log, clock, quietly: (_speaker, work) => work() }).available;
    };
    expect(at('https://github.acme.example')).toBe(false);
    expect([at('https://github.com'), at('https://acme.ghe.com')]).toEqual([true, true]);
  });

  it('cannot be made of nothing', async () => {
    mkdirSync(join(bench.root, 'empty/below'), { recursive: true });
    await expect(bench.job().upload('handoff', join(bench.root, 'empty'))).rejects.toThrow(
      'nothing is to be uploaded',
    );
    expect(bench.results.artifacts).toEqual([]);
  });

  it('print nothing by themselves; what signs an address is masked', async () => {
    const printed: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = (chunk: unknown): boolean => printed.push(String(chunk)) > 0;
    try {
      const job = bench.job();
      await job.download(await job.upload('handoff', bench.folder('up', FILES)), join(bench.root, 'down'));
    } finally {
      process.stdout.write = write;
    }
    expect(printed).toEqual([]);
    const said = bench.log.lines.join('\n');
    const signatures = [...said.matchAll(/[?&]sig=([\w%-]+)/g)].map(([, signature]) => signature);
    expect(new Set(signatures).size).toBe(2);
    expect(signatures.filter((signature) => !bench.log.masked.includes(signature ?? ''))).toEqual([]);
    expect(said).not.toContain(bench.results.attempt().ACTIONS_RUNTIME_TOKEN.split('.')[0]);
    expect(bench.log.lines.filter((line) => !line.startsWith('debug: '))).toEqual([]);
  });
});

const LARGE = 300 * 1024 ** 2;

/** A job of its own process: in and out again; tells the most memory that it had. */
const JOB = `
import { createArtifacts } from '${join(ROOT, 'src/adapters/artifacts/artifacts.ts')}';
const { env, argv: [, up, down] } = process;
const artifacts = createArtifacts({ env, log: {}, clock: { elapsed: () => 0 }, quietly: (_speaker, work) => work() });
await artifacts.download(await artifacts.upload('large', up), down);
console.log('bytes at most: ' + process.resourceUsage().maxRSS * 1024);
`;

it('a large file is never in memory', async () => {
  const up = bench.folder('up', { 'small.json': '{}' });
  writeFileSync(join(up, 'large'), '');
  truncateSync(join(up, 'large'), LARGE);
  const env = { ...process.env, ...bench.results.attempt() };
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', JOB, '--', up];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, join(bench.root, 'down')], {
    env,
    cwd: ROOT,
  });
  const most = Number(/bytes at most: (\d+)/.exec(stdout)?.[1]);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(LARGE);
  expect(statSync(join(bench.root, 'down/large')).size).toBe(LARGE);
});
