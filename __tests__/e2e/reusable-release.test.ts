import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { yamlExamples } from '../helpers/docs.ts';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import { aRepository, type GitRepository } from '../helpers/git-repository.ts';
import { aModule, stubBase } from '../helpers/module-bench.ts';
import { type RunningResults, startResults } from '../helpers/results-service/results-service.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { type ActOptions, type ActRun, runAct } from './helpers/act.ts';
import { craneFiles, judge } from './helpers/judges.ts';

const WORKFLOW = '.github/workflows/release.yml';
/** The caller that the page shows. */
const CALLER = yamlExamples('docs/workflows.md').find(({ file }) => file === WORKFLOW)?.text ?? '';
const OURS = `permissions: { contents: read, packages: write, id-token: write, attestations: write }
    uses: org/module-release/.github/workflows/release.yml@v1`;

let bench: E2eBench;
let results: RunningResults;

beforeAll(async () => {
  bench = await e2eBench();
  results = await startResults();
});
afterAll(() => Promise.all([results.stop(), bench.dispose()]));

/** Two images that stand alone, each made by a job of its own, below a namespace of the test's own. */
function twoImages(
  namespace: string,
  workflow: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
): GitRepository {
  return bench.checkout({
    ...contextOf({ 'etc/one': 'one' }, 'one'),
    ...contextOf({ 'etc/two': 'two' }, 'two'),
    [WORKFLOW]: workflow,
    [CONFIG]: JSON.stringify({
      registry: bench.registry.host,
      namespace,
      'trivy-cache-dir': bench.trivyCache,
      platforms: ['linux/amd64'],
      images: { one: { context: 'one' }, two: { context: 'two' } },
      channels: { prod: { when: { tag: 'v*' } } },
      runners: { 'linux/amd64': 'ubuntu-latest' },
    }),
    ...files,
  });
}

function run({ folder }: GitRepository, more: Partial<ActOptions> = {}): Promise<ActRun> {
  return runAct({
    workspace: folder,
    root: bench.folder('act'),
    workflow: WORKFLOW,
    artifacts: results.otherRun(),
    ...more,
  });
}

/** `one:1.2.3` and so on, of a namespace. */
function tagsOf(namespace: string): readonly string[] {
  return Object.entries(bench.registry.catalogue())
    .filter(([name]) => name.startsWith(`${namespace}/`))
    .flatMap(([name, { tags }]) => Object.keys(tags).map((tag) => `${name.split('/')[1]}:${tag}`));
}

const resultsOf = ({ jobs }: ActRun) =>
  Object.fromEntries(jobs.map(({ name, result }) => [name.trim().split('/').at(-1), result]));

describe('a caller of release.yml', () => {
  it('hands on its secrets: a key signs handoffs and release, and a build secret reaches the build', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const secrets = { SIGNING_KEY: pem, BUILD_SECRETS: 'token=the-secret-of-the-build' };
    const workflow = `${CALLER}    secrets:
      cosign-key: \${{ secrets.SIGNING_KEY }}
      build-secrets: \${{ secrets.BUILD_SECRETS }}
`;
    const repository = twoImages('keyed', workflow, {
      'one/busybox': readFileSync(toolPath('busybox')),
      'one/Dockerfile': [
        'FROM scratch',
        'COPY --chmod=755 busybox /bin/busybox',
        'RUN --mount=type=secret,id=token ["/bin/busybox", "sh", "-c", "busybox sha256sum < /run/secrets/token > /sum"]',
        '',
      ].join('\n'),
    });
    const done = await run(repository, { secrets });
    expect({ exit: done.exitCode, lines: done.lines.slice(-40) }).toMatchObject({ exit: 0 });
    for (const shard of ['one-linux-amd64', 'two-linux-amd64'])
      expect(done.lines).toContain(`The handoff of ${shard} is signed by this run.`);
    const sum = createHash('sha256').update('the-secret-of-the-build').digest('hex');
    const files = await craneFiles(`${bench.registry.host}/keyed/one:1.2.3`);
    expect(files.get('sum')?.toString()).toContain(sum);
    expect(done.lines.join('\n')).not.toContain('the-secret-of-the-build');
  });

  it('as the page shows it releases, and a job after it has the outputs', async () => {
    const deploy = `  deploy:
    needs: release
    runs-on: ubuntu-latest
    steps:
      - run: echo "deploying $REF of $VERSION in $CHANNEL, $STATUS"
        env:
          REF: \${{ needs.release.outputs.image-ref }}
          VERSION: \${{ needs.release.outputs.version }}
          CHANNEL: \${{ needs.release.outputs.channel }}
          STATUS: \${{ needs.release.outputs.status }}
`;
    const repository = twoImages('page', CALLER + deploy);
    const done = await run(repository);
    expect({ exit: done.exitCode, lines: done.lines.slice(-40) }).toMatchObject({ exit: 0 });
    const digest = bench.registry.catalogue()['page/one']?.tags.prod;
    expect(digest).toMatch(/^sha256:/);
    expect(done.lines).toContain(
      `deploying ${bench.registry.host}/page/one@${digest} of 1.2.3 in prod, released`,
    );
    expect(Object.keys(resultsOf(done)).toSorted()).toEqual([
      'Build one-linux-amd64-1',
      'Build two-linux-amd64-2',
      'Plan',
      'Release',
      'deploy',
    ]);
    const again = await run(repository);
    expect(again.outputs.release).toMatchObject({ status: 'unchanged' });
  });

  it('that asks for a dry run gets the plan, and nothing is built or written', async () => {
    const workflow = `name: Release
on: { workflow_dispatch: { inputs: { dry-run: { type: boolean, default: false } } } }
permissions: {}
jobs:
  release:
    ${OURS}
    with: { dry-run: true, version: 1.2.3 }
  after:
    needs: release
    runs-on: ubuntu-latest
    steps:
      - run: echo "\${{ needs.release.outputs.status }} \${{ needs.release.outputs.version }}"
`;
    const before = bench.registry.requests.length;
    const done = await run(twoImages('dry', workflow), { byHand: { 'dry-run': 'true' } });
    expect({ exit: done.exitCode, jobs: resultsOf(done), lines: done.lines.slice(-40) }).toMatchObject({
      exit: 0,
      jobs: { Plan: 'success', after: 'success' },
    });
    expect(Object.keys(resultsOf(done))).toHaveLength(2);
    expect(done.lines).toContain('planned 1.2.3');
    expect(writesOf(bench.registry.requests.slice(before))).toEqual([]);
    expect(tagsOf('dry')).toEqual([]);
  });
});

describe('a repository of several modules', () => {
  it('whose versions are all released is unchanged, and nothing is built', async () => {
    const stub = await stubBase();
    try {
      const workflow = CALLER.replace(/^on:.*?(?=^permissions)/ms, 'on: workflow_dispatch\n');
      const files = {
        ...aModule({ name: 'parser', version: '1.0.0', description: 'Parses' }, 'modules/parser'),
        [WORKFLOW]: workflow,
        [CONFIG]: JSON.stringify({
          'tag-prefix': '*/v',
          'module-base-image': stub,
          registry: bench.registry.host,
          'trivy-cache-dir': bench.trivyCache,
        }),
      };
      const checkout = aRepository({ files });
      const first = await run(checkout, { byHand: {} });
      expect({ exit: first.exitCode, lines: first.lines.slice(-30) }).toMatchObject({ exit: 0 });
      expect(first.outputs.release).toMatchObject({ status: 'released' });
      checkout.commit({ 'README.md': 'Nothing is bumped.\n' });
      const second = await run(checkout, { byHand: {} });
      expect(Object.keys(resultsOf(second)).toSorted()).toEqual(['Plan', 'Release']);
      expect(second.outputs.release).toMatchObject({ status: 'unchanged', images: '[]' });
      rmSync(checkout.folder, { recursive: true, force: true });
    } finally {
      await judge('docker', 'image', 'rm', '--force', stub);
    }
  });
});

/** Candidates, a test of the caller's own, and the release of what it says was tested. */
const gated = (test: string, digests: string): string => `name: Release
on: { push: { tags: ['v*'] } }
permissions: {}
jobs:
  candidates:
    ${OURS}
    with: { candidates: true }
  test:
    needs: candidates
    runs-on: ubuntu-latest
    steps:
      - run: ${test}
        env:
          IMAGES: \${{ needs.candidates.outputs.images }}
  release:
    needs: [candidates, test]
    ${OURS}
    with:
      digests: ${digests}
`;

describe('a test in between', () => {
  it('that fails leaves candidates without a tag', async () => {
    const done = await run(twoImages('red', gated('exit 3', '${{ needs.candidates.outputs.digests }}')));
    expect(done.exitCode).not.toBe(0);
    expect(resultsOf(done)).toMatchObject({ Candidates: 'success', test: 'failure' });
    expect(done.outputs.release).toBeUndefined();
    const held = Object.keys(contentOf(bench.registry)).filter((name) => name.startsWith('red/'));
    expect(held.toSorted()).toEqual(['red/one', 'red/two']);
    expect(tagsOf('red')).toEqual([]);
  });

  it.each([
    ['other digests', `'{"one":"${'a'.repeat(64)}","two":"${'b'.repeat(64)}"}'`, 'DIGEST_MISMATCH'],
    ['no digests', "''", 'INPUT_INVALID'],
  ])('whose release gets %s releases nothing', async (name, digests, code) => {
    const namespace = name.replace(' ', '-');
    const done = await run(twoImages(namespace, gated('echo tested', digests)));
    expect(done.exitCode).not.toBe(0);
    expect(resultsOf(done)).toMatchObject({ Candidates: 'success', test: 'success', Release: 'failure' });
    expect(done.outputs.release).toMatchObject({ status: 'failed', 'error-code': code });
    expect(tagsOf(namespace)).toEqual([]);
  });
});

describe('a shard that fails', () => {
  it('stops neither the others nor anything that is tagged, and is enough to be run again', async () => {
    const repository = twoImages('shards', CALLER);
    const artifacts = results.otherRun();
    bench.registry.faults.add({
      when: { method: 'PUT', path: /shards\/two\/manifests/ },
      effect: { do: 'answer', status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
    });
    const first = await run(repository, { artifacts });
    expect(first.exitCode).not.toBe(0);
    expect(Object.keys(resultsOf(first))).not.toContain('Release');
    expect(contentOf(bench.registry)['shards/one']?.manifests).toHaveLength(1);
    expect(tagsOf('shards')).toEqual([]);

    bench.registry.faults.clear();
    const second = await run(repository, { artifacts, matrix: { shard: 'two-linux-amd64' } });
    expect({ exit: second.exitCode, lines: second.lines.slice(-40) }).toMatchObject({ exit: 0 });
    expect(Object.keys(resultsOf(second)).toSorted()).toEqual(['Build two-linux-amd64', 'Plan', 'Release']);
    expect(second.outputs.release).toMatchObject({ status: 'released' });
    for (const name of ['one', 'two'])
      expect(tagsOf('shards')).toEqual(expect.arrayContaining([`${name}:1.2.3`, `${name}:prod`]));
  });
});
