import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { provideBusybox } from '../../scripts/setup/busybox.mjs';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { CONFIG } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { type RunningStore, startGitHubStore } from '../helpers/github-store/github-store.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { RELEASE_SAN } from '../helpers/sigstore/cosign.ts';
import {
  type AttestBench,
  attestBench,
  bundlesOf,
  commandsIn,
  inShell,
  inTurns,
  recordOf,
  refusedByCosign,
} from './helpers/attest-bench.ts';
import { leaksOf } from './helpers/leaks.ts';

const PASSWORD = 'p4ss:word+/attest-åÄ';
const NPM = 'npm_attest "quoted" and more';
const GITHUB = 'ghs_attest0123456789';
const PASSPHRASE = 'hunter2-of-attest';
const KEY_PASSWORD = 'opens-the-cosign-key';

let bench: AttestBench;
let store: RunningStore;
let locked: RunningRegistry;
let foundation: string;

beforeAll(async () => {
  bench = await attestBench();
  store = await startGitHubStore({ token: GITHUB });
  locked = await startRegistry({ auth: { kind: 'basic', users: { robot: PASSWORD } } });
  const base = bench.e2e.checkout({
    Dockerfile: 'FROM scratch\nCOPY --chmod=755 busybox /bin/busybox\n',
    busybox: readFileSync(await provideBusybox()),
  });
  const { outputs } = await bench.e2e.run(base, { image: 'foundation', attest: 'false' });
  foundation = outputs.digest ?? '';
});
afterAll(async () => {
  await Promise.all([store.stop(), locked.stop(), bench.dispose()]);
});

/** An image from the foundation, and one from that. */
function checkout(): GitRepository {
  return bench.e2e.checkout({
    [CONFIG]: [
      'images:',
      '  tools: { context: tools, platforms: [linux/amd64] }',
      '  app: { context: app, contexts: { parent: "target:tools" }, platforms: [linux/amd64] }',
      '',
    ].join('\n'),
    'tools/Dockerfile': [
      `FROM ${bench.e2e.registry.host}/acme/foundation:1.2.3`,
      'ARG PASSPHRASE',
      'RUN --mount=type=secret,id=npm ["/bin/busybox", "sh", "-c", "/bin/busybox sha256sum < /run/secrets/npm > /sum"]',
      '',
    ].join('\n'),
    'app/Dockerfile': 'FROM parent\nCOPY own /app\n',
    'app/own': 'the app\n',
  });
}

describe('a release with a login, build secrets and build arguments', () => {
  let repository: GitRepository;
  let run: ActionRun;

  beforeAll(async () => {
    repository = checkout();
    // Not what the environment of the job says.
    bench.oidc.setClaims({ run_id: '777', run_attempt: '3' });
    const inputs = {
      registry: locked.host,
      username: 'robot',
      password: PASSWORD,
      secrets: `"npm=${NPM.replaceAll('"', '""')}"`,
      'build-args': `PASSPHRASE=${PASSPHRASE}`,
      'github-token': GITHUB,
      'attest-store': 'registry,github,file',
      attest: 'true',
    };
    const env = { GITHUB_API_URL: store.url };
    run = await bench.release(repository, inputs, { env, withoutPost: true });
  });

  const bundleOf = (image: string, kind: string) => {
    const found = bundlesOf(run).filter(
      ({ attestation }) => attestation.image === image && attestation.kind === kind,
    );
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  const digestOfImage = (image: string): string =>
    recordOf(run).images.find(({ name }) => name === image)?.digest ?? '';

  it('is green', () => {
    expect({ status: run.outputs.status, code: run.outputs['error-code'], log: run.log }).toMatchObject({
      status: 'released',
      code: '',
    });
  });

  it('says who built it, in which run, from which commit, by the token', () => {
    const { buildDefinition, runDetails } = bundleOf('app', 'provenance').statement.predicate;
    expect(runDetails.builder.id).toBe(RELEASE_SAN);
    expect(runDetails.metadata.invocationId).toBe(
      'https://github.com/Acme/Modules/actions/runs/777/attempts/3',
    );
    expect(buildDefinition).toMatchObject({
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: {
          ref: 'refs/tags/v1.2.3',
          repository: 'https://github.com/Acme/Modules',
          path: '.github/workflows/release.yml',
        },
      },
    });
    expect(buildDefinition.resolvedDependencies[0]).toEqual({
      uri: 'git+https://github.com/Acme/Modules@refs/tags/v1.2.3',
      digest: { gitCommit: repository.sha },
    });
  });

  it('names the base image and the parents by digest', () => {
    const materials = (image: string) =>
      bundleOf(image, 'provenance').statement.predicate.buildDefinition.resolvedDependencies.slice(1);
    const base = {
      uri: expect.stringMatching(/^pkg:docker\/.*acme\/foundation@1\.2\.3\?/),
      digest: { sha256: foundation.slice('sha256:'.length) },
    };
    const tools = digestOfImage('tools');
    const parent = {
      uri: expect.stringContaining(`pkg:oci/tools@${encodeURIComponent(tools)}?`),
      digest: { sha256: tools.slice('sha256:'.length) },
    };
    expect(materials('tools')).toEqual([base]);
    expect(materials('app')).toEqual([parent, base]);
  });

  it('names its reports by the digests of the files', () => {
    const { outputs } = run;
    const paths = `${outputs['sbom-path']}\n${outputs['scan-report-path']}`.split('\n');
    const byName = new Map(paths.map((path) => [basename(path), hexOf(digestOf(readFileSync(path)))]));
    const named = ['tools', 'app'].flatMap(
      (image) => bundleOf(image, 'provenance').statement.predicate.runDetails.byproducts,
    );
    expect(named).toHaveLength(4);
    expect(new Map(named.map(({ name, digest }) => [name, digest.sha256]))).toEqual(byName);
  });

  it('attests the very SBOM, and the verdict with its database', () => {
    const { byproducts } = bundleOf('app', 'provenance').statement.predicate.runDetails;
    const sbom = run.outputs['sbom-path']
      ?.split('\n')
      .find((path) => byproducts.some(({ name }: { readonly name: string }) => name === basename(path)));
    expect(bundleOf('app', 'cyclonedx').statement.predicate).toEqual(
      JSON.parse(readFileSync(sbom ?? '', 'utf8')),
    );
    const { scanner, invocation } = bundleOf('app', 'scan').statement.predicate;
    expect(scanner).toMatchObject({
      uri: expect.stringMatching(/^pkg:github\/aquasecurity\/trivy@/),
      db: { lastUpdate: expect.any(String) },
      result: { passed: true, waivers: [], complete: true },
    });
    expect(invocation.uri).toContain('/runs/777/');
  });

  it('is in the store of GitHub, with addresses for people', () => {
    const stored = store.stored('Acme/Modules');
    const made = recordOf(run).attestations ?? [];
    expect(stored.map(({ digests }) => digests).sort()).toEqual(made.map(({ subject }) => [subject]).sort());
    const urls = run.outputs['attestation-urls']?.split('\n');
    expect(urls?.sort()).toEqual(
      stored.map(({ id }) => `https://github.com/Acme/Modules/attestations/${id}`).sort(),
    );
    for (const url of urls ?? []) expect(run.summary).toContain(url);
  });

  it('tells no secret to anybody', () => {
    const bundles = bundlesOf(run);
    const bearer = bench.oidc.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
    const secrets = [PASSWORD, `robot:${PASSWORD}`, NPM, GITHUB, bearer];
    expect(leaksOf(run, secrets)).toEqual([]);
    // Build arguments are in images, as everybody knows who gives them; nowhere else.
    const told = [...bundles.map(({ payload }) => payload), ...bundles.map(({ text }) => text)];
    const record = readFileSync(run.outputs.record ?? '', 'utf8');
    const log = run.log.replaceAll(/^::add-mask::.*$/gm, '');
    const places = [...told, record, log, run.summary, JSON.stringify(run.outputs)];
    for (const text of places) {
      for (const secret of [...secrets, PASSPHRASE]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/);
    }
    expect(bundleOf('tools', 'provenance').payload).toContain('"PASSPHRASE"');
  });
});

describe('a release that an encrypted cosign key signs', () => {
  const key = async (): Promise<Readonly<Record<string, string>>> => {
    const pem = readFileSync(join(bench.cosign.folder, 'cosign.key'), 'utf8');
    return { 'cosign-key': pem, 'cosign-password': KEY_PASSWORD };
  };

  beforeAll(async () => {
    await bench.cosign.run(['generate-key-pair'], { COSIGN_PASSWORD: KEY_PASSWORD });
  });

  it('beside the identity of the job is accepted by `cosign verify --key`, with provenance, and logged', async () => {
    const before = bench.sigstore.logSize;
    const inputs = { ...(await key()), secrets: `"npm=${NPM.replaceAll('"', '""')}"`, namespace: 'keyed' };
    const run = await bench.release(checkout(), inputs, { withoutPost: true });
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    const kinds = ['signature', 'provenance', 'cyclonedx', 'scan'] as const;
    expect(await refusedByCosign(bench, run, kinds, '--key', 'cosign.pub')).toEqual([]);
    expect(bench.sigstore.logSize - before).toBe(recordOf(run).attestations?.length);
    const [first] = recordOf(run).images[0]?.subjects ?? [];
    expect(await bench.cosign.verify(first ?? '')).not.toMatchObject({ code: 0 });
    const lines = commandsIn(run, 'cosign');
    expect(lines.filter((line) => line.includes('--key cosign.pub'))).toHaveLength(8);
    expect(await inTurns(lines, (line) => inShell(bench, line))).toEqual(lines.map(() => 'green'));
    expect(leaksOf(run, [KEY_PASSWORD, ...pemLines((await key())['cosign-key'] ?? '')])).toEqual([]);
  });

  it('alone is accepted without a log, and says nothing of who built it', async () => {
    const repository = bench.e2e.checkout({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
    const run = await bench.e2e.run(repository, { ...(await key()), image: 'alone' }, { withoutPost: true });
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    const flags = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];
    expect(await refusedByCosign(bench, run, ['signature', 'cyclonedx', 'scan'], ...flags)).toEqual([]);
    const lines = commandsIn(run, 'cosign');
    expect(lines).toHaveLength(3);
    expect(await inTurns(lines, (line) => inShell(bench, line))).toEqual(lines.map(() => 'green'));
    expect(leaksOf(run, [KEY_PASSWORD])).toEqual([]);
  });

  it('with a wrong password ends before anything is built', async () => {
    const repository = bench.e2e.checkout({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
    const inputs = { ...(await key()), 'cosign-password': 'another-password', image: 'wrong' };
    const run = await bench.release(repository, inputs, { withoutPost: true });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'INPUT_INVALID', pushed: 'false' });
    expect(run.log).not.toContain('::group::Build');
    expect(leaksOf(run, ['another-password'])).toEqual([]);
  });
});

/** The lines of a PEM that are secret. */
function pemLines(pem: string): readonly string[] {
  return pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'));
}
