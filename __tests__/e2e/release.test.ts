import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleModules } from '../../scripts/demo/example.ts';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import { digestOf } from '../../src/model/digest.ts';
import { MEDIA } from '../../src/model/manifest.ts';
import { RELEASE_STEPS, type StepId } from '../../src/model/plan.ts';
import { contentOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { readRunnerLog } from '../helpers/runner-log.ts';
import {
  craneConfig,
  craneDigest,
  craneFiles,
  craneManifest,
  filesOf,
  judge,
  namesIn,
} from './helpers/judges.ts';
import { leaksOf } from './helpers/leaks.ts';

/** Image → the folder of the example that it is built from, and the image it stands on. */
const IMAGES = {
  'modules-base': { folder: 'base', parent: undefined },
  'modules-runtime': { folder: 'runtime', parent: 'modules-base' },
  'modules-analytics': { folder: 'analytics', parent: 'modules-runtime' },
  'modules-ingest': { folder: 'ingest', parent: 'modules-runtime' },
  'modules-console': { folder: 'console', parent: undefined },
} as const;
type Name = keyof typeof IMAGES;
const NAMES = Object.keys(IMAGES) as readonly Name[];
const BUILT = Object.entries(IMAGES) as readonly [Name, (typeof IMAGES)[Name]][];

const AMD64 = 'linux/amd64';
const BOTH = ['linux/amd64', 'linux/arm64'];
const SECRETS = {
  token: 'ghs_e2eTokenOfTheJob0123456789',
  password: 'p4ss word/+e2e',
  build: 'build-secret-e2e-77',
};
const INPUTS = {
  'github-token': SECRETS.token,
  username: 'robot',
  password: SECRETS.password,
  secrets: `api-key=${SECRETS.build}`,
};
/** The commit of the fixture, which is where `created` comes from. */
const COMMIT_DATE = '2025-10-09T08:53:20Z';
/** Left out by this run: its job has no `id-token: write`, its config no channel, and it publishes nothing: attest, promote and publish tests. */
const SKIPPED: readonly StepId[] = ['attest', 'verify', 'promote', 'publish'];

type ImageOutput = {
  readonly name: Name;
  readonly repository: string;
  readonly digest: string;
  readonly ref: string;
  readonly tags: readonly string[];
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
  readonly sbom: readonly string[];
  readonly findings: Readonly<Record<string, number>>;
};

let bench: E2eBench;
let example: GitRepository;
let run: ActionRun;
/** Before the post step: image → the digest of its layout in the staging store. */
let staged: Readonly<Record<string, string>>;
let runnerTemp: { readonly before: readonly string[]; readonly after: readonly string[] };

beforeAll(async () => {
  bench = await e2eBench();
  example = await exampleModules(['v1.2.3']);
  let before: readonly string[] = [];
  run = await bench.run(example, INPUTS, {
    beforePost: (temp) => {
      const root = join(temp, runRoot(temp));
      before = namesIn(root);
      const stage = before.find((name) => name.startsWith('stage')) ?? 'none';
      staged = Object.fromEntries(
        NAMES.map((name) => [name, layoutDigest(join(root, stage, `image-${name}`))]),
      );
    },
  });
  runnerTemp = { before, after: namesIn(join(run.temp, runRoot(run.temp))) };
});

afterAll(async () => {
  await bench.dispose();
  rmSync(example.folder, { recursive: true, force: true });
});

const images = (): readonly ImageOutput[] => JSON.parse(run.outputs.images ?? '');
const imageOf = (name: Name): ImageOutput => images().find((image) => image.name === name)!;
const repositoryOf = (name: Name): string => `${bench.registry.host}/acme/${name}`;
const refOf = (name: Name): string => imageOf(name).ref;
const record = () => JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8'));
const pathsOf = (output: string): readonly string[] => (run.outputs[output] ?? '').split('\n');

function runRoot(temp: string): string {
  return namesIn(temp).find((name) => /^module-release-[0-9a-f]{16}$/.test(name)) ?? 'none';
}

/** Of the one image in a layout, checked against its bytes; a run that failed early has none. */
function layoutDigest(layout: string): string {
  if (!namesIn(layout).includes('index.json')) return 'no layout';
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  const [{ digest }] = manifests;
  const bytes = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
  return manifests.length === 1 && digestOf(bytes) === digest ? digest : 'not the image of its digest';
}

describe('the outputs of a release', () => {
  it('say what happened', () => {
    expect(run.log).not.toMatch(/^::error/m);
    expect(run.exitCode).toBe(0);
    const { version, prerelease, pushed, status } = run.outputs;
    expect({ version, prerelease, pushed, status, code: run.outputs['error-code'] }).toEqual({
      version: '1.2.3',
      prerelease: 'false',
      pushed: 'true',
      status: 'released',
      code: '',
    });
  });

  it('are those of action.yml', () => {
    const [, outputs = ''] = readFileSync(join(import.meta.dirname, '../../action.yml'), 'utf8').split(
      /^outputs:$/m,
    );
    const declared = [...(outputs.split(/^runs:$/m)[0] ?? '').matchAll(/^ {2}([a-z-]+):$/gm)].map(
      ([, name]) => name,
    );
    expect(declared.length).toBeGreaterThan(10);
    expect(Object.keys(run.outputs).sort()).toEqual(declared.sort());
  });

  it('name the first image by tag, digest and reference', () => {
    const { image, digest } = run.outputs;
    expect(image).toBe(`${repositoryOf('modules-base')}:1.2.3`);
    expect(digest).toBe(imageOf('modules-base').digest);
    expect(run.outputs['image-ref']).toBe(`${repositoryOf('modules-base')}@${digest}`);
  });

  it('list all images in the order of the config', () => {
    expect(images().map(({ name }) => name)).toEqual(NAMES);
    for (const { name, repository, digest, ref, tags, platforms, sbom, findings } of images()) {
      expect(repository).toBe(repositoryOf(name));
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(ref).toBe(`${repository}@${digest}`);
      expect(tags).toEqual(['1.2.3', `sha-${example.sha}`]);
      expect(platforms.map(({ platform }) => platform)).toEqual(name === 'modules-console' ? BOTH : [AMD64]);
      expect(sbom).toHaveLength(platforms.length);
      expect(findings).toEqual({ critical: 0, high: 0, medium: 0, low: 0, unknown: 0, secrets: 0 });
    }
  });

  it('give digests without a prefix, which masking cannot blank', () => {
    const digests = JSON.parse(run.outputs.digests ?? '');
    expect(digests).toEqual(Object.fromEntries(images().map(({ name, digest }) => [name, digest.slice(7)])));
  });

  it('list every tag as a full reference', () => {
    expect(run.outputs.tags?.split('\n')).toEqual(
      NAMES.flatMap((name) => [`${repositoryOf(name)}:1.2.3`, `${repositoryOf(name)}:sha-${example.sha}`]),
    );
  });

  it('hold the plan', () => {
    const plan = JSON.parse(run.outputs.plan ?? '');
    expect(plan).toMatchObject({ version: '1.2.3', prerelease: false, problems: [] });
    expect(plan.images).toEqual(
      NAMES.map((name) => ({ name, repository: repositoryOf(name), tags: ['1.2.3', `sha-${example.sha}`] })),
    );
    expect(plan.steps.map(({ id, do: how }: { id: string; do: string }) => `${id} ${how}`)).toEqual(
      RELEASE_STEPS.map((id) => `${id} ${SKIPPED.includes(id) ? 'skip' : 'run'}`),
    );
    for (const { reason } of plan.steps) expect(reason).not.toBe('');
  });
});

describe('the images in the registry, to clients that nobody here wrote', () => {
  it('have under each tag the digest of the output and of the scanned layout', async () => {
    for (const name of NAMES) {
      expect(staged[name]).toBe(imageOf(name).digest);
      for (const tag of ['1.2.3', `sha-${example.sha}`])
        expect(await craneDigest(`${repositoryOf(name)}:${tag}`)).toBe(imageOf(name).digest);
    }
  });

  it('have no other tags, and no other repositories are there', async () => {
    expect((await judge('crane', 'catalog', bench.registry.host)).split('\n').sort()).toEqual(
      NAMES.map((name) => `acme/${name}`).sort(),
    );
    const tags = await judge('oras', 'repo', 'tags', '--plain-http', repositoryOf('modules-ingest'));
    expect(tags.split('\n').sort()).toEqual(['1.2.3', `sha-${example.sha}`]);
  });

  it.each(NAMES)(
    '%s carries revision, source, version, date and plan hash on its top manifest',
    async (name) => {
      const manifest = await craneManifest(refOf(name));
      const { planHash } = record().plan.images.find((image: { name: string }) => image.name === name);
      expect(planHash).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(manifest.annotations).toMatchObject({
        'org.opencontainers.image.revision': example.sha,
        'org.opencontainers.image.source': 'https://github.com/Acme/Modules',
        'org.opencontainers.image.url': 'https://github.com/Acme/Modules',
        'org.opencontainers.image.version': '1.2.3',
        'org.opencontainers.image.created': COMMIT_DATE,
        'io.github.module-release.plan-hash': planHash,
      });
      expect(manifest.mediaType).toBe(name === 'modules-console' ? MEDIA.ociIndex : MEDIA.ociManifest);
    },
  );

  it.each(NAMES)('%s carries the same as labels, the Dockerfile’s own title too', async (name) => {
    const { config, created, history } = await craneConfig(refOf(name));
    const short = name.replace('modules-', '');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.revision': example.sha,
      'org.opencontainers.image.source': 'https://github.com/Acme/Modules',
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.created': COMMIT_DATE,
    });
    expect([name, `Acme modules: ${short}`]).toContain(config.Labels['org.opencontainers.image.title']);
    expect(created).toBe(COMMIT_DATE);
    for (const entry of history) if (entry.created !== undefined) expect(entry.created).toBe(COMMIT_DATE);
  });

  it('share the layers of the images that they stand on', async () => {
    const layers = new Map<string, readonly string[]>();
    for (const name of NAMES.filter((each) => each !== 'modules-console'))
      layers.set(
        name,
        (await craneManifest(refOf(name))).layers.map(({ digest }) => digest),
      );
    for (const [name, { parent }] of BUILT)
      if (parent !== undefined) {
        const below = layers.get(parent)!;
        expect(layers.get(name)!.slice(0, below.length)).toEqual(below);
        expect(layers.get(name)!.length).toBeGreaterThan(below.length);
      }
  });

  it.each(BUILT)('%s holds the files of its sources', async (name, { folder }) => {
    const files = await craneFiles(refOf(name));
    const sources =
      name === 'modules-console'
        ? new Map([
            ...prefixed('app/public', filesOf(join(example.folder, folder, 'public'))),
            ...prefixed('app/node_modules', filesOf(join(example.folder, folder, 'packages'))),
          ])
        : filesOf(join(example.folder, folder, 'rootfs'));
    expect(sources.size).toBeGreaterThan(0);
    for (const [path, content] of sources)
      expect({ path, equal: files.get(path)?.equals(content) }).toEqual({ path, equal: true });
    if (name === 'modules-console') expect([...files.keys()].sort()).toEqual([...sources.keys()].sort());
  });

  it('are read by skopeo: labels, layers, platform', async () => {
    const seen = JSON.parse(
      await judge('skopeo', 'inspect', '--tls-verify=false', `docker://${refOf('modules-runtime')}`),
    );
    expect(seen).toMatchObject({
      Digest: imageOf('modules-runtime').digest,
      Os: 'linux',
      Architecture: 'amd64',
      Created: COMMIT_DATE,
      Labels: { 'org.opencontainers.image.version': '1.2.3' },
    });
  });

  it('are read by oras, byte for byte', async () => {
    for (const name of NAMES) {
      const bytes = await judge('oras', 'manifest', 'fetch', '--plain-http', refOf(name));
      expect(digestOf(bytes)).toBe(imageOf(name).digest);
    }
  });

  it('are pulled by docker, by digest', async () => {
    const refs = NAMES.map(refOf);
    try {
      for (const ref of refs) await judge('docker', 'pull', '--quiet', ref);
      for (const ref of refs)
        expect(JSON.parse(await judge('docker', 'image', 'inspect', ref))).toMatchObject([
          { RepoDigests: [ref] },
        ]);
    } finally {
      await judge('docker', 'image', 'rm', '--force', ...refs);
    }
  });
});

describe('the reports of a release', () => {
  it('release.json is the whole release as data', () => {
    const { schemaVersion, status, plan, steps, images: recorded, gate, tools, problems } = record();
    expect({ schemaVersion, status, problems }).toEqual({
      schemaVersion: 1,
      status: 'released',
      problems: [],
    });
    expect(plan).toMatchObject({
      event: 'push',
      kind: 'tag',
      version: '1.2.3',
      revision: example.sha,
      dirty: false,
      sourceDateEpoch: Date.parse(COMMIT_DATE) / 1000,
    });
    expect(steps.map(({ id, status: how }: { id: string; status: string }) => `${id} ${how}`)).toEqual(
      RELEASE_STEPS.map((id) => `${id} ${SKIPPED.includes(id) ? 'skipped' : 'done'}`),
    );
    for (const { startedMs, durationMs } of steps) {
      expect(startedMs).toBeGreaterThan(0);
      expect(durationMs).toBeGreaterThanOrEqual(0);
    }
    expect(recorded).toMatchObject(
      images().map(({ name, digest, ref }) => ({
        name,
        digest,
        origin: 'built',
        pushed: true,
        subjects: [ref],
        tags: [
          { ref: `${repositoryOf(name)}:1.2.3`, kind: 'immutable', outcome: 'created' },
          { ref: `${repositoryOf(name)}:sha-${example.sha}`, kind: 'immutable', outcome: 'created' },
        ],
      })),
    );
    const database = JSON.parse(readFileSync(join(bench.trivyCache, 'db/metadata.json'), 'utf8'));
    expect(gate).toMatchObject({
      severities: ['HIGH', 'CRITICAL'],
      ignoreUnfixed: true,
      scanner: { name: 'trivy', database: { updatedAt: database.UpdatedAt, source: 'trivy-cache-dir' } },
      verdict: { passed: true, violations: [], waived: [] },
    });
    expect(tools).toMatchObject([{ name: 'trivy', version: gate.scanner.version }]);
  });

  it('the size of an image is that of its blobs, and shared blobs were sent once', async () => {
    const sent = record().images.map(({ blobs }: { blobs: { uploaded: number } }) => blobs.uploaded);
    const distinct = new Set(Object.values(bench.registry.catalogue()).flatMap(({ blobs }) => blobs));
    expect(sent.reduce((sum: number, one: number) => sum + one, 0)).toBe(distinct.size);
    const uploads = bench.registry.requests.filter(
      ({ method, path }) => method === 'PUT' && /\/blobs\/uploads\//.test(path),
    );
    expect(uploads).toHaveLength(distinct.size);
  });

  it('the summary has its tables, whole, and a diagram of the steps', () => {
    const { summary } = run;
    expect(summary).toMatch(/^## ✅ module-release 1\.2\.3: released$/m);
    for (const title of ['Images', 'Findings', 'Pull', 'Tags', 'Plan', 'Steps', 'Timings', 'Tools'])
      expect(summary).toContain(`### ${title}\n`);
    for (const { name, digest, ref, platforms } of images()) {
      expect(summary).toMatch(
        new RegExp(`^\\| \\*\\*${name}\\*\\* \\(built\\) \\|.*\`${digest.slice(0, 19)}\``, 'm'),
      );
      expect(summary).toContain(`docker pull ${ref}`);
      if (platforms.length > 1)
        for (const { platform, digest: own } of platforms)
          expect(summary).toMatch(new RegExp(`^\\| +\\| ${platform} \\| \`${own.slice(0, 19)}\``, 'm'));
    }
    for (const table of tablesOf(summary)) expect(new Set(table.map(cellsOf)).size).toBe(1);
    const [, gantt = ''] = /```mermaid\n(gantt\n[\s\S]*?)```/.exec(summary) ?? [];
    const tasks = [
      ...gantt.matchAll(/^ {2}(\w+) \([^)]+\) :done, (\w+), 2000-01-01 00:0\d:\d\d\.\d{3}, \d+ms$/gm),
    ];
    expect(tasks.map(([, label, id]) => [label, id])).toEqual(
      RELEASE_STEPS.filter((id) => !SKIPPED.includes(id)).map((id) => [id, id]),
    );
  });

  it('there is an SBOM for every platform that names the packages', () => {
    const sboms = pathsOf('sbom-path').map((path) => ({
      path,
      sbom: JSON.parse(readFileSync(path, 'utf8')),
    }));
    expect(sboms.map(({ path }) => path)).toEqual(images().flatMap(({ sbom }) => sbom));
    expect(sboms).toHaveLength(6);
    for (const { sbom } of sboms) expect(sbom).toMatchObject({ bomFormat: 'CycloneDX' });
    for (const { path, sbom } of sboms.filter(({ path: each }) => each.includes('console'))) {
      const named = sbom.components.map(
        ({ name, version }: { name: string; version?: string }) => `${name}@${version}`,
      );
      expect({ path, named }).toMatchObject({
        named: expect.arrayContaining(['htm@3.1.1', 'lodash@4.17.23', 'minimist@1.2.8']),
      });
    }
    for (const { name, platforms } of images())
      for (const { digest } of platforms)
        expect(
          sboms.filter(({ sbom }) =>
            JSON.stringify(sbom.metadata).includes(`${repositoryOf(name)}@${digest}`),
          ),
        ).toHaveLength(1);
  });

  it('there is a SARIF for every platform, each in a category of its own', () => {
    const runs = pathsOf('sarif-path').flatMap((path) => JSON.parse(readFileSync(path, 'utf8')).runs);
    expect(runs.map(({ automationDetails }) => automationDetails.id)).toEqual(
      images().flatMap(({ name, platforms }) => platforms.map(({ platform }) => `${name}/${platform}/`)),
    );
    for (const { results, tool } of runs)
      expect({ results, name: tool.driver.name }).toEqual({ results: [], name: 'Trivy' });
  });

  it('there is what the scanner said, of every platform', () => {
    const scans = pathsOf('scan-report-path').map((path) => JSON.parse(readFileSync(path, 'utf8')));
    expect(scans.map(({ ArtifactName }) => ArtifactName)).toEqual(
      images().flatMap(({ repository, platforms }) =>
        platforms.map(({ digest }) => `${repository}@${digest}`),
      ),
    );
  });

  it('hold no secret, and neither does anything else that the run left', () => {
    const { token, password, build } = SECRETS;
    expect(leaksOf(run, [token, password, build, `robot:${password}`, `octocat:${token}`])).toEqual([]);
  });
});

describe('the runner', () => {
  it('reads a log whose groups are closed, with lines of tools that command nothing', () => {
    const { commands, stopped } = readRunnerLog(run.log);
    expect(stopped).toBe(false);
    const opened = commands
      .filter(({ name }) => name === 'group' || name === 'endgroup')
      .map(({ name }) => name);
    expect(opened).toEqual(Array.from({ length: opened.length / 2 }, () => ['group', 'endgroup']).flat());
    expect(commands.filter(({ name }) => ['error', 'warning'].includes(name))).toEqual([]);
  });

  it('is left with the reports, and without the staging store', () => {
    expect(run.post).toMatchObject({ exitCode: 0 });
    expect(runnerTemp.before).toEqual(expect.arrayContaining(['reports', expect.stringMatching(/^stage/)]));
    expect(runnerTemp.after).toEqual(['reports']);
    for (const output of ['record', 'sbom-path', 'sarif-path', 'scan-report-path'])
      for (const path of pathsOf(output)) expect(readFileSync(path).byteLength).toBeGreaterThan(0);
  });
});

describe('the registry of the distribution project', () => {
  it('ends up with the same digests, and a second run writes nothing', async () => {
    const distribution = await startDistribution();
    try {
      const first = await bench.run(example, { ...INPUTS, registry: distribution.host });
      expect(first.outputs.status).toBe('released');
      expect(first.outputs.digests).toBe(run.outputs.digests);
      for (const { name, digest } of images())
        expect(await craneDigest(`${distribution.host}/acme/${name}:1.2.3`)).toBe(digest);
      const before = distribution.log().length;
      const again = await bench.run(example, { ...INPUTS, registry: distribution.host });
      expect(again.outputs).toMatchObject({ status: 'unchanged', digests: run.outputs.digests });
      const requests = distribution.log().slice(before);
      expect(requests).toMatch(/"(?:GET|HEAD) \/v2\/acme\/modules-base\/manifests\/1\.2\.3 HTTP/);
      expect(requests).not.toMatch(/"(?:PUT|PATCH) \//);
    } finally {
      await distribution.stop();
    }
  });

  it('leaves the first registry as it was', () => {
    expect(Object.keys(contentOf(bench.registry)).sort()).toEqual(NAMES.map((name) => `acme/${name}`).sort());
    expect(
      writesOf(bench.registry.requests).filter((line) => line.includes('/manifests/1.2.3')),
    ).toHaveLength(NAMES.length);
  });
});

function prefixed(
  folder: string,
  files: ReadonlyMap<string, Buffer>,
): readonly (readonly [string, Buffer])[] {
  return [...files].map(([path, content]) => [join(folder, path), content]);
}

/** The tables of a Markdown text, each as its lines. */
function tablesOf(markdown: string): readonly (readonly string[])[] {
  return (markdown.match(/(?:^\|.*\|$\n?)+/gm) ?? []).map((table) => table.trim().split('\n'));
}

function cellsOf(line: string): number {
  return line.split('|').length;
}
