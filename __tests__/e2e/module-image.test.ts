import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MODULE_WHEELS } from '../../scripts/setup/module-base.mjs';
import { contentOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { aRepository, type GitRepository, writeFiles } from '../helpers/git-repository.ts';
import { addWheels, aModule, EXAMPLE, ON_PYTHON, runModule, stubBase } from '../helpers/module-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { craneFiles, judge } from './helpers/judges.ts';

let bench: E2eBench;
let stub: string;
const used: string[] = [];

beforeAll(async () => {
  stub = await stubBase();
});
afterAll(async () => {
  for (const image of [stub, ...used]) await judge('docker', 'image', 'rm', '--force', image);
});
beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

const tagged = { ref: 'refs/tags/v1.0.0' };
const release = (checkout: GitRepository, inputs: Readonly<Record<string, string>> = {}) =>
  bench.run(checkout, { 'module-base-image': stub, ...inputs }, tagged);

function refOf(run: ActionRun): string {
  expect({ status: run.outputs.status, log: run.log.slice(-3000) }).toMatchObject({ status: 'released' });
  const ref = run.outputs['image-ref'] ?? '';
  used.push(ref);
  return ref;
}

const configOf = async (ref: string) => JSON.parse(await judge('crane', 'config', ref)).config;

describe('a module without a Dockerfile', () => {
  let example: GitRepository;

  beforeAll(() => {
    example = aRepository({ copyFrom: EXAMPLE });
    addWheels(example.folder);
  });

  it('becomes an image that runs it, the same bytes each time, and no file comes into the checkout', async () => {
    const run = await release(example, ON_PYTHON);
    const ref = refOf(run);
    expect(run.outputs).toMatchObject({ version: '1.0.0', 'error-code': '' });
    expect(ref).toMatch(/\/acme\/peptide-lengths@sha256:/);

    const done = await runModule(ref, { peptides: ['SIINFEKL', 'GILGFVFTL', 'NLVPMVATV'] });
    expect(done).toMatchObject({
      exitCode: 0,
      output: {
        status: 'success',
        results: { lengths: { 8: 1, 9: 2 } },
        metadata: { module: 'peptide-lengths', version: '1.0.0' },
      },
      summary: { peptides: 3 },
    });
    const failed = await runModule(ref, {});
    expect(failed).toMatchObject({ exitCode: 1, output: { status: 'error' } });

    // As in the image that the platform makes.
    expect(await configOf(ref)).toMatchObject({
      WorkingDir: '/app',
      Entrypoint: ['python', '/app/container-runner.py'],
      ExposedPorts: { '8080/tcp': {} },
      Env: expect.arrayContaining(['PYTHONPATH=/app', 'HLA_COMPASS_MODULE=backend.main:PeptideLengths']),
      Labels: {
        'org.opencontainers.image.title': 'peptide-lengths',
        'org.opencontainers.image.version': '1.0.0',
        'org.opencontainers.image.description': 'Counts peptides by their length',
        'org.opencontainers.image.source': 'https://github.com/Acme/Modules',
        'org.opencontainers.image.revision': example.sha,
      },
    });

    const untracked = await judge('git', '-C', example.folder, 'status', '--porcelain');
    expect(untracked.trim()).toBe('?? wheels/');
    const again = await release(example, { ...ON_PYTHON, namespace: 'again', 'no-cache': 'true' });
    refOf(again);
    expect(again.outputs.digest).toBe(run.outputs.digest);
  }, 600_000);

  it('is installed by the hashes of its lock, and not without them', async () => {
    const lock = readdirSync(MODULE_WHEELS)
      .map((file) => {
        const [name = '', version = ''] = file.split('-');
        const hash = createHash('sha256')
          .update(readFileSync(join(MODULE_WHEELS, file)))
          .digest('hex');
        return `${name.replaceAll('_', '-')}==${version} \\\n    --hash=sha256:${hash}\n`;
      })
      .join('');
    const files = { ...aModule(), 'backend/requirements.lock.txt': lock };
    const checkout = bench.checkout(files);
    addWheels(checkout.folder);
    const ref = refOf(await release(checkout, ON_PYTHON));
    expect((await runModule(ref, { peptides: ['A'] })).exitCode).toBe(0);

    const wrong = lock.replace(/sha256:[0-9a-f]{64}/, `sha256:${'0'.repeat(64)}`);
    const sha = checkout.commit({ 'backend/requirements.lock.txt': wrong });
    const run = await release({ ...checkout, sha }, { ...ON_PYTHON, namespace: 'other' });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'BUILD_FAILED' });
    expect(run.log).toContain('THESE PACKAGES DO NOT MATCH THE HASHES');
    expect(contentOf(bench.registry)).not.toHaveProperty('other/peptide-lengths');
  }, 600_000);

  it('has its user interface, built in an image of its own', async () => {
    const ui = {
      'frontend/package.json': '{ "name": "ui" }\n',
      'frontend/src/bundle.js': 'export const ui = 1;\n',
    };
    const checkout = bench.checkout({ ...aModule(), ...ui });
    const run = await release(checkout, { 'build-args': `HLA_COMPASS_UI_IMAGE=${stub}` });
    expect(run.log).toContain('npm install --legacy-peer-deps');
    const files = await craneFiles(refOf(run));
    expect(files.get('app/ui/dist/bundle.js')?.toString()).toBe('export const ui = 1;\n');
    // The sources stay in the stage.
    expect([...files.keys()].filter((path) => /^(?:ui|app\/frontend)/.test(path))).toEqual([]);
  });
});

describe('a repository with a Dockerfile', () => {
  it('keeps it, whatever its manifest.json says', async () => {
    const checkout = bench.checkout({
      ...aModule(),
      Dockerfile: 'FROM scratch\nCOPY manifest.json /own.json\n',
    });
    const files = await craneFiles(refOf(await release(checkout)));
    expect([...files.keys()]).toEqual(['own.json']);
  });
});

describe('a hostile manifest', () => {
  it.each([
    'backend.main:Module\nRUN touch /evil',
    'backend.main:Module\\',
    'backend.main:${HOME}',
    'backend.main:M" EVIL="1',
  ])('cannot bring an instruction in by its entrypoint: %j', async (entrypoint) => {
    const checkout = bench.checkout(aModule({ execution: { entrypoint } }));
    const run = await release(checkout);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'MANIFEST_INVALID' });
    const told = annotationsOf(run.log).find(({ text }) => text.includes('execution.entrypoint'));
    expect(told?.text).toContain('names no class of a module');
    expect(run.log).not.toContain('[internal] load');
    expect(contentOf(bench.registry)).toEqual({});
  });

  it('is text wherever else it stands', async () => {
    const description = 'x" \\\nRUN touch /evil\n${PATH} %{ if true } $(id) `id` \u001b[31m';
    const checkout = bench.checkout(aModule({ description }));
    const ref = refOf(await release(checkout));
    const { Labels } = await configOf(ref);
    expect(Labels['org.opencontainers.image.description']).toBe(description);
    expect((await craneFiles(ref)).has('evil')).toBe(false);
  });
});

describe('an image that `hla-compass build` has made', () => {
  it('is released from the Docker daemon, and behaves like ours', async () => {
    const checkout = bench.checkout(aModule());
    addWheels(checkout.folder);
    const ours = refOf(await release(checkout, { ...ON_PYTHON, namespace: 'ours' }));

    const base = `mr-e2e-sdk-base-${process.pid}`;
    const context = bench.folder('base');
    const from = ON_PYTHON['module-base-image'];
    writeFiles(context, {
      Dockerfile: `FROM ${from}
RUN --mount=type=bind,from=wheels,target=/wheels pip install --no-index --find-links /wheels hla-compass==2.1.3
ENV PIP_NO_INDEX=1
`,
    });
    const wheels = `wheels=${join(checkout.folder, 'wheels')}`;
    await judge(
      ...(['docker', 'buildx', 'build', '--builder', 'default', '--load', '--tag', base] as const),
      ...['--build-context', wheels, context],
    );
    const tag = `mr-e2e-sdk-module-${process.pid}:1.0.0`;
    used.push(base, tag);
    // Its Dockerfile has a syntax line, whose image cannot be pulled everywhere; the classic builder does not read it.
    await judge(
      'env',
      ...['-C', checkout.folder, 'DOCKER_BUILDKIT=0', 'hla-compass-2.1', 'build'],
      ...['--tag', tag, '--base-image', base],
    );
    const theirs = refOf(await release(checkout, { 'module-base-image': '', from: `docker-daemon:${tag}` }));

    const [ourConfig, theirConfig] = await Promise.all([configOf(ours), configOf(theirs)]);
    for (const key of ['WorkingDir', 'Entrypoint', 'ExposedPorts'])
      expect([key, ourConfig[key]]).toEqual([key, theirConfig[key]]);
    const isOfBase = (entry: string) => entry.startsWith('PIP_');
    const env = (config: { readonly Env: readonly string[] }) =>
      config.Env.filter((entry) => !isOfBase(entry));
    expect(env(ourConfig).toSorted()).toEqual(env(theirConfig).toSorted());
    expect(ourConfig.Labels).toMatchObject(theirConfig.Labels);

    for (const payload of [{ peptides: ['AA', 'B'] }, {}]) {
      const [one, other] = await Promise.all([runModule(ours, payload), runModule(theirs, payload)]);
      expect(told(one)).toEqual(told(other));
    }
  }, 1_200_000);
});

/** Without times. */
function told({ exitCode, output, summary }: Awaited<ReturnType<typeof runModule>>) {
  const { metadata: _, ...rest } = output;
  return { exitCode, summary, output: rest };
}
