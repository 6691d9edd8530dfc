import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aRepository, type GitRepository } from '../helpers/git-repository.ts';
import { type RunningResults, startResults } from '../helpers/results-service/results-service.ts';
import { ROOT } from '../helpers/run-action.ts';
import { type ActOptions, runAct } from './helpers/act.ts';

let results: RunningResults;
let root: string;
let repository: GitRepository;

beforeEach(async () => {
  results = await startResults();
  root = mkdtempSync(join(tmpdir(), 'mr-act-artifacts-'));
  repository = aRepository({
    files: {
      '.github/workflows/fan-out.yml': WORKFLOW,
      'hand-over/action.yml': ACTION,
      'hand-over/index.mjs': SCRIPT,
    },
  });
});
afterEach(async () => {
  await results.stop();
  for (const folder of [root, repository.folder]) rmSync(folder, { recursive: true, force: true });
});

/** The adapter as an action: with `name` it uploads a folder under it, else it prints what the run has. */
const SCRIPT = `
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createArtifacts } from '${pathToFileURL(join(ROOT, 'src/adapters/artifacts/artifacts.ts'))}';
import { createClock } from '${pathToFileURL(join(ROOT, 'src/adapters/clock/system-clock.ts'))}';
import { createLog } from '${pathToFileURL(join(ROOT, 'src/adapters/runner/log.ts'))}';
import { createQuietly } from '${pathToFileURL(join(ROOT, 'src/adapters/runner/quiet-library.ts'))}';
const { env } = process;
const log = createLog();
const artifacts = createArtifacts({ env, log, quietly: createQuietly(log), clock: createClock() });
const folder = join(env.RUNNER_TEMP, 'handoff-' + process.pid);
if (env.INPUT_NAME !== '') {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'who.txt'), env.INPUT_NAME + ' of attempt ' + env.INPUT_ATTEMPT);
  if (env.INPUT_FAIL === env.INPUT_NAME) throw new Error('this shard was killed');
  await artifacts.upload(env.INPUT_NAME, folder);
} else
  for (const artifact of await artifacts.list('shard-')) {
    await artifacts.download(artifact, join(folder, artifact.name));
    console.log(artifact.name + ' has ' + readFileSync(join(folder, artifact.name, 'who.txt'), 'utf8'));
  }
`;

const ACTION = `name: Hand over
description: Uploads, or lists and downloads.
inputs:
  name: { description: Name of what is uploaded, default: '' }
  attempt: { description: Attempt, default: '' }
  fail: { description: Who fails, default: '' }
runs: { using: node24, main: index.mjs }
`;

const WORKFLOW = `name: Fan-out
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [amd64, arm64]
    steps:
      - uses: actions/checkout@v5
      - uses: ./hand-over
        with:
          name: shard-\${{ matrix.shard }}
          attempt: \${{ vars.ATTEMPT }}
          fail: \${{ vars.FAIL }}
  release:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: ./hand-over
`;

type Options = Pick<ActOptions, 'vars' | 'matrix'>;

/** One attempt of the run. */
const attempt = ({ vars, matrix }: Options) =>
  runAct({
    workspace: repository.folder,
    root,
    artifacts: results.attempt(),
    vars: { FAIL: '', ...vars },
    ...(matrix === undefined ? {} : { matrix }),
  });

describe('artifacts of a workflow run', () => {
  it('go from two parallel jobs to the one that needs both', async () => {
    const ended = await attempt({ vars: { ATTEMPT: '1' } });
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.lines.filter((line) => line.startsWith('shard-'))).toEqual([
      'shard-amd64 has shard-amd64 of attempt 1',
      'shard-arm64 has shard-arm64 of attempt 1',
    ]);
    expect(ended.jobs.map(({ name }) => name).sort()).toEqual([
      'Fan-out/build-1',
      'Fan-out/build-2',
      'Fan-out/release',
    ]);
  });

  it('stay when a job fails, so that its re-run alone is enough', async () => {
    const failed = await attempt({ vars: { ATTEMPT: '1', FAIL: 'shard-arm64' } });
    expect(failed.exitCode).not.toBe(0);
    expect(failed.jobs.map(({ name }) => name).sort()).toEqual(['Fan-out/build-1', 'Fan-out/build-2']);
    expect(failed.results.filter((result) => result.startsWith('Main ./')).sort()).toEqual([
      'Main ./hand-over: failure',
      'Main ./hand-over: success',
    ]);
    expect(failed.lines.filter((line) => line.includes(' has '))).toEqual([]);
    const rerun = await attempt({ vars: { ATTEMPT: '2' }, matrix: { shard: 'arm64' } });
    expect(rerun).toMatchObject({ exitCode: 0 });
    expect(rerun.lines.filter((line) => line.startsWith('shard-'))).toEqual([
      'shard-amd64 has shard-amd64 of attempt 1',
      'shard-arm64 has shard-arm64 of attempt 2',
    ]);
  });
});
