import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publishDatabase } from '../../scripts/demo/database.ts';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { RequestLog } from '../helpers/registry/registry.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { type ActRun, runAct } from './helpers/act.ts';

/**
 * Nothing but the release: both caches are to work without a further step. (act has another temporary folder in every run;
 * a runner has always the same, which the cache knows its files by.)
 */
const WORKFLOW = `name: Release
on: push
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: release
        uses: acme/module-release@v1
        env:
          RUNNER_TEMP: \${{ vars.ACT_ROOT }}/temp
        with:
          registry: \${{ vars.REGISTRY }}
          namespace: \${{ vars.BUILDER }}
          builder: \${{ vars.BUILDER }}
          trivy-db-repository: \${{ vars.DATABASE }}
          cache-from: type=gha
          cache-to: type=gha,mode=max
`;

type Seen = { readonly run: ActRun; readonly requests: readonly RequestLog[] };

let bench: E2eBench;
let first: Seen;
let second: Seen;

/** One run on a machine where nothing of another is left but the cache service. */
async function freshRun(number: number, root: string, workspace: string, database: string): Promise<Seen> {
  const docker = (...args: readonly string[]) =>
    execFileSync(toolPath('docker'), ['buildx', ...args], { stdio: 'ignore' });
  const builder = `mr-e2e-cache-${process.pid}-${number}`;
  // On the host's network, so that it reaches act's cache service on loopback.
  docker('create', '--name', builder, '--driver', 'docker-container', '--driver-opt', 'network=host');
  const temp = join(root, 'temp');
  mkdirSync(temp);
  try {
    const from = bench.registry.requests.length;
    const vars = { REGISTRY: bench.registry.host, BUILDER: builder, DATABASE: database };
    const run = await runAct({ workspace, root, vars });
    return { run, requests: bench.registry.requests.slice(from) };
  } finally {
    docker('rm', '--force', builder);
    rmSync(temp, { recursive: true });
  }
}

beforeAll(async () => {
  bench = await e2eBench();
  const database = await publishDatabase(bench.registry.host);
  const checkout = bench.checkout({
    '.github/workflows/release.yml': WORKFLOW,
    Dockerfile: 'FROM scratch\nCOPY --chmod=755 sh /bin/sh\nRUN echo built anew; echo made > /made\n',
    sh: readFileSync(toolPath('busybox')),
  });
  const root = bench.folder('act');
  first = await freshRun(1, root, checkout.folder, database);
  second = await freshRun(2, root, checkout.folder, database);
});
afterAll(() => bench.dispose());

const printed = ({ run }: Seen): string => run.lines.join('\n');
const status = ({ run }: Seen) => run.outputs.release?.status;

it('both runs released', () => {
  expect([status(first), status(second)]).toEqual(['released', 'released']);
});

describe('the build cache of the runner', () => {
  it('is filled by a fresh builder and used by the next, without a further step', () => {
    expect(printed(first)).toContain('image |   built anew');
    expect(printed(first)).not.toMatch(/cache could not be exported/);
    expect(printed(second)).toMatch(/importing cache manifest from gha/);
    expect(printed(second)).toMatch(/RUN echo built anew; echo made > \/made \(cached\)/);
    expect(printed(second)).not.toContain('image |   built anew');
  });

  it('gives the same image', () => {
    const digests = [first, second].map(({ run }) => run.outputs.release?.digest);
    expect(digests[0]).toMatch(/^sha256:/);
    expect(digests[1]).toBe(digests[0]);
  });
});

describe("the runner's cache of the vulnerability database", () => {
  const blobs = ({ requests }: Seen) =>
    requests.filter(({ method, path }) => method === 'GET' && path.startsWith('/v2/acme/trivy-db/blobs/'));

  it('is filled by the first run and spares the second the download', () => {
    expect(printed(first)).toMatch(/Saved in the runner's cache: trivy-db-/);
    expect(blobs(first)).toHaveLength(1);
    expect(printed(second)).toMatch(/Restored from the runner's cache: trivy-db-/);
    expect(blobs(second)).toEqual([]);
    for (const seen of [first, second]) {
      expect(printed(seen)).not.toMatch(/The cache could not be|holds other bytes/);
      expect(printed(seen)).toMatch(/The vulnerability database of \S+ comes from \S+\/acme\/trivy-db:2\./);
    }
  });
});

it('a cache service that is down costs a line each, and no release', async () => {
  const { host } = bench.registry;
  const run = await bench.run(
    bench.checkout({ Dockerfile: 'FROM scratch\nCOPY hello /\n', hello: 'hello\n' }),
    {
      namespace: 'down',
      'trivy-cache-dir': '',
      'trivy-db-repository': `${host}/acme/trivy-db:2`,
      'cache-from': 'type=gha',
      'cache-to': 'type=gha,mode=max',
    },
    {
      env: {
        ACTIONS_CACHE_SERVICE_V2: 'true',
        ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/',
        ACTIONS_RUNTIME_TOKEN: 'no-token',
      },
    },
  );
  expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
  expect(run.log).toMatch(/^The cache says: Failed to restore/m);
  expect(annotationsOf(run.log)).toMatchObject([
    { level: 'warning', text: expect.stringMatching(/^The build cache cannot be used; building without it/) },
  ]);
});
