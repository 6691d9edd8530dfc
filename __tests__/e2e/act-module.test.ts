import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MODULE_BASE } from '../../scripts/setup/module-base.mjs';
import { yamlExamples } from '../helpers/docs.ts';
import { CONFIG, contentOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { aRepository } from '../helpers/git-repository.ts';
import { addWheels, runModule, stubBase } from '../helpers/module-bench.ts';
import { type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { REJECTED } from '../helpers/publish-platform/jobs.ts';
import { type RunningPlatform, startPlatform } from '../helpers/publish-platform/platform.ts';
import { sdkProgram, verifyManifests } from '../helpers/publish-platform/sdk.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';
import { type ActRun, runAct } from './helpers/act.ts';
import { judge } from './helpers/judges.ts';
import { KEY } from './helpers/publish-bench.ts';

const WORKFLOW_FILE = '.github/workflows/module-release.yml';
const RECIPE = yamlExamples('README.md').find(({ file }) => file === WORKFLOW_FILE)?.text ?? '';
const TOKEN = 'hla-act-token-0123456789';
const NAME = 'peptide-module';

let stub: string;
let bench: E2eBench;
let oidc: RunningOidc;
let sigstore: RunningSigstore;
let platform: RunningPlatform;
const folders: string[] = [];

beforeAll(async () => {
  stub = await stubBase();
});
afterAll(async () => {
  await judge('docker', 'image', 'rm', '--force', stub);
});
beforeEach(async () => {
  bench = await e2eBench();
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  platform = await startPlatform({ token: TOKEN, allowed: [`${bench.registry.host}/acme/`] });
});
afterEach(async () => {
  await Promise.all([platform.stop(), sigstore.stop(), oidc.stop(), bench.dispose()]);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** What the recipe leaves to its surroundings: here the registry, Sigstore, base image and platform of this machine. */
function surroundings(base: string): Readonly<Record<string, string>> {
  const file = (name: string, text: string) => {
    const path = join(bench.root, name);
    writeFileSync(path, text);
    return path;
  };
  const config = {
    registry: bench.registry.host,
    'trivy-cache-dir': bench.trivyCache,
    'module-base-image': base,
    ...(base === MODULE_BASE ? { 'build-contexts': { wheels: './wheels' } } : {}),
    sigstore: 'private',
    'sigstore-signing-config': file('signing-config.json', sigstore.signingConfig()),
    'sigstore-trusted-root': file('trusted-root.json', sigstore.trustedRoot),
  };
  const workflow = RECIPE.replace('org/module-release', 'acme/module-release').replace(
    /^( +)publish: .*$/m,
    '$&\n$1publish-url: ${{ vars.PLATFORM }}',
  );
  return { [CONFIG]: JSON.stringify(config), [WORKFLOW_FILE]: workflow };
}

type Options = {
  readonly tag?: string;
  readonly base?: string;
  /** Over the manifest of the template. */
  readonly manifest?: Readonly<Record<string, unknown>>;
};

/** A repository as `hla-compass init` makes it, with the recipe. */
async function moduleRepository({
  tag = 'v1.0.0',
  base = stub,
  manifest = {},
}: Options = {}): Promise<string> {
  const folder = bench.folder('init');
  await judge('env', '-C', folder, sdkProgram('2.1'), 'init', NAME, '--template', 'no-ui', '--yes');
  const copyFrom = join(folder, NAME);
  if (base === MODULE_BASE) addWheels(copyFrom);
  const written = JSON.parse(readFileSync(join(copyFrom, 'manifest.json'), 'utf8'));
  const changed = JSON.stringify({ ...written, ...manifest }, undefined, 2);
  const files = { ...surroundings(base), 'manifest.json': changed };
  const repository = aRepository({ copyFrom, files, tags: [tag] });
  folders.push(repository.folder);
  const [owner, name] = ['acme', 'modules'];
  const workflow = `${owner}/${name}/${WORKFLOW_FILE}@refs/tags/${tag}`;
  oidc.setClaims({
    repository: `${owner}/${name}`,
    repository_owner: owner,
    sha: repository.sha,
    workflow_sha: repository.sha,
    job_workflow_sha: repository.sha,
    ref: `refs/tags/${tag}`,
    workflow_ref: workflow,
    job_workflow_ref: workflow,
  });
  return repository.folder;
}

function run(workspace: string, publish: boolean, secrets: Readonly<Record<string, string>> = {}) {
  return runAct({
    workspace,
    root: bench.folder('act'),
    vars: { PLATFORM: platform.url },
    secrets: { HLA_ACCESS_TOKEN: TOKEN, HLA_SIGNING_KEY: KEY, ...secrets },
    env: oidc.env,
    ...(publish ? { byHand: { publish: 'true' } } : {}),
  });
}

/** Outputs of the one step of ours, which the recipe gives no id. */
const outputsOf = ({ outputs }: ActRun) =>
  Object.values(outputs).find(({ status }) => status !== undefined) ?? {};

describe('the recipe for a module', () => {
  it('has at most twelve lines', () => {
    const lines = RECIPE.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.length).toBeLessThanOrEqual(12);
  });

  it('takes what `hla-compass init` has made from its tag to the platform', async () => {
    const workspace = await moduleRepository({ base: MODULE_BASE });
    const tagged = await run(workspace, false);
    const released = outputsOf(tagged);
    expect({ ...released, exit: tagged.exitCode, lines: tagged.lines.slice(-60) }).toMatchObject({
      exit: 0,
      status: 'released',
      version: '1.0.0',
      'error-code': '',
    });
    expect(platform.requests).toEqual([]);
    const plan = JSON.parse(released.plan ?? '{}');
    expect(plan.modules).toMatchObject([
      { name: NAME, version: '1.0.0', validation: { '2.1': { strictValid: true } } },
    ]);
    const done = plan.steps.filter((step: { readonly do: string }) => step.do === 'run');
    expect(done.map(({ id }: { readonly id: string }) => id)).toEqual([
      'preflight',
      'build',
      'inspect',
      'gate',
      'push',
      'attest',
      'verify',
      'tag',
      'report',
    ]);
    expect(released['bundle-path']?.split('\n').length).toBeGreaterThan(2);
    const payload = { data_source: [{ id: 1 }, { id: 2 }] };
    const moduleRun = await runModule(released['image-ref'] ?? '', payload);
    expect(moduleRun).toMatchObject({
      exitCode: 0,
      output: { status: 'success' },
      summary: { processed: 2 },
    });
    await judge('docker', 'image', 'rm', '--force', released['image-ref'] ?? '');

    const byHand = await run(workspace, true);
    const published = outputsOf(byHand);
    expect({ ...published, exit: byHand.exitCode, lines: byHand.lines.slice(-60) }).toMatchObject({
      exit: 0,
      status: 'released',
      'publish-status': 'published',
      digest: released.digest,
    });
    const bodies = platform.publishes().map(({ body }) => JSON.parse(body));
    expect(bodies).toMatchObject([
      { imageRef: released['image-ref'], scope: 'org', manifest: { name: NAME, version: '1.0.0' } },
    ]);
    for (const generation of ['2.1', '6'] as const)
      expect(
        verifyManifests(
          generation,
          bodies.map(({ manifest }) => manifest),
        ),
      ).toEqual([true]);

    const again = outputsOf(await run(workspace, true));
    expect(again).toMatchObject({ status: 'unchanged', 'publish-status': 'unchanged' });
    expect(platform.publishes()).toHaveLength(1);
  }, 600_000);
});

describe('what stops it is named, before anything leaves the runner', () => {
  it.each<[string, string, Options & { readonly before?: () => void; readonly token?: string }]>([
    ['a tag of another version', 'VERSION_MISMATCH', { tag: 'v1.0.1' }],
    ['a manifest against the rules', 'MANIFEST_INVALID', { manifest: { pricing: undefined } }],
    ['an entrypoint that is none', 'MANIFEST_INVALID', { manifest: { execution: { entrypoint: 'a b' } } }],
    [
      'a namespace that is not allowed',
      'REGISTRY_UNAUTHORIZED',
      {
        before: () =>
          platform.faults.add({
            when: { method: 'POST' },
            effect: {
              do: 'answer',
              status: 403,
              body: '{"error":{"code":"REGISTRY_UNAUTHORIZED","message":"Registry not in allowlist"}}',
            },
          }),
      },
    ],
    ['a token that has expired', 'PUBLISH_AUTH', { token: 'expired' }],
    [
      'an account without the role',
      'PUBLISH_FORBIDDEN',
      {
        before: () =>
          platform.faults.add({
            when: { method: 'POST' },
            effect: {
              do: 'answer',
              status: 403,
              body: '{"message":"Module publish requires developer access"}',
            },
          }),
      },
    ],
    [
      'a registry that forbids the push',
      'REGISTRY_FORBIDDEN',
      {
        before: () =>
          bench.registry.faults.add({
            when: { method: 'POST', path: /\/blobs\/uploads\// },
            effect: { do: 'answer', status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
          }),
      },
    ],
  ])('%s: %s', async (_, code, { before, token, ...options }) => {
    const workspace = await moduleRepository(options);
    before?.();
    const ended = await run(workspace, true, token === undefined ? {} : { HLA_ACCESS_TOKEN: token });
    expect(ended.exitCode).not.toBe(0);
    expect({ ...outputsOf(ended), lines: ended.lines.slice(-30) }).toMatchObject({
      status: 'failed',
      'error-code': code,
    });
    expect(ended.summaries.join('')).toContain(code);
    expect(contentOf(bench.registry)).toEqual({});
    expect(platform.publishes()).toEqual([]);
  });
});

describe('what the platform finds later is told, and nothing is taken back', () => {
  it('a scan that refuses the image', async () => {
    platform.jobs.courses = [REJECTED];
    const ended = await run(await moduleRepository(), true);
    expect({ ...outputsOf(ended), lines: ended.lines.slice(-30) }).toMatchObject({
      'error-code': 'PUBLISH_FAILED',
      'publish-status': 'rejected',
      pushed: 'true',
    });
    expect(ended.summaries.join('')).toContain('Security scan failed');
  });

  it('a version that is there with other bytes', async () => {
    const imageRef = `ghcr.io/acme/${NAME}@sha256:${'9'.repeat(64)}`;
    platform.jobs.take({ key: 'k', name: NAME, version: '1.0.0', imageRef, bytes: '' });
    const ended = await run(await moduleRepository(), true);
    expect({ ...outputsOf(ended), lines: ended.lines.slice(-30) }).toMatchObject({
      'error-code': 'PUBLISH_VERSION_EXISTS',
    });
    expect(ended.summaries.join('')).toContain('Set the version of manifest.json to 1.0.1 or higher');
  });
});
