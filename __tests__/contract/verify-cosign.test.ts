import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createVerifier } from '../../src/adapters/sigstore/verify.ts';
import { type Encoded, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import { type DigestRef, formatReference } from '../../src/model/reference.ts';
import { checksOf, type Requirement, type VerificationPolicy } from '../../src/model/verification.ts';
import type { BundleVerifier } from '../../src/ports/sigstore.ts';
import { verifyCommands } from '../../src/steps/verify/commands.ts';
import { verifyBlob, verifyImage } from '../../src/steps/verify/run.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { GITHUB_CLAIMS, type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { type CosignBench, cosignBench } from '../helpers/sigstore/cosign.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

const SERVER = 'https://github.com';
const PASSWORD = { COSIGN_PASSWORD: 'pass' };
const TUF = { cacheFolder: '/nowhere', clock: { sleep: async () => undefined } };
const SBOM = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a', type: 'library' }] };
const WORKFLOW =
  GITHUB_CLAIMS.job_workflow_ref.replace(`${GITHUB_CLAIMS.repository}/`, '').split('@')[0] ?? '';

/** As actions/attest-build-provenance writes it. */
const PROVENANCE = {
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: {
      workflow: {
        ref: GITHUB_CLAIMS.ref,
        repository: `${SERVER}/${GITHUB_CLAIMS.repository}`,
        path: WORKFLOW,
      },
    },
    internalParameters: {},
    resolvedDependencies: [
      {
        uri: `git+${SERVER}/${GITHUB_CLAIMS.repository}@${GITHUB_CLAIMS.ref}`,
        digest: { gitCommit: GITHUB_CLAIMS.sha },
      },
    ],
  },
  runDetails: {
    builder: { id: `${SERVER}/${GITHUB_CLAIMS.job_workflow_ref}` },
    metadata: { invocationId: `${SERVER}/${GITHUB_CLAIMS.repository}/actions/runs/1/attempts/1` },
  },
};

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;
let stage: Stage;
let keyless: BundleVerifier;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
  stage = await createStage();
  const { trustedRoot } = sigstore;
  keyless = await createVerifier({ kind: 'keyless', instance: 'private', trustedRoot }, TUF);
  for (const name of ['cosign', 'other'])
    await cosign.run(['generate-key-pair', '--output-key-prefix', name], PASSWORD);
});

afterEach(() => sigstore.heal());

afterAll(async () => {
  await cosign.remove();
  await stage.remove();
  await sigstore.stop();
  await oidc.stop();
});

function policy(require: readonly Requirement[], members: 'each' | 'covered' = 'each'): VerificationPolicy {
  return {
    require,
    members,
    commit: GITHUB_CLAIMS.sha,
    identity: {
      issuer: { kind: 'exact', value: 'https://token.actions.githubusercontent.com' },
      repository: { kind: 'exact', value: `${SERVER}/${GITHUB_CLAIMS.repository}` },
      workflow: { kind: 'exact', path: WORKFLOW },
      ref: { kind: 'exact', value: GITHUB_CLAIMS.ref },
    },
  };
}

/** cosign's own shell lines must work as they are printed: the loopback registry is all that differs from a real one. */
function runPrinted(line: string) {
  const words = [...line.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(
    ([, quoted, plain]) => plain ?? quoted?.replaceAll("'\\''", "'") ?? '',
  );
  expect(words[0]).toBe('cosign');
  return cosign.run(words.slice(1));
}

describe.each([
  ['with', true],
  ['without', false],
])('what cosign signed, in a registry %s referrers API', (_, referrers) => {
  let registry: RunningRegistry;

  beforeAll(async () => {
    registry = await startRegistry({ referrers });
  });

  afterAll(() => registry.stop());

  async function push(path: string, manifest: Encoded): Promise<DigestRef> {
    const repository = { registry: registry.host, path };
    const ref = { repository, digest: manifest.descriptor.digest };
    await testClient().putManifest(ref, manifest);
    return ref;
  }

  async function pushImage(path: string): Promise<DigestRef> {
    const manifest = await stage.image();
    const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString());
    const repository = { registry: registry.host, path };
    for (const blob of [config, ...layers])
      await testClient().pushBlob(repository, blob, stage.path(blob), []);
    return push(path, manifest);
  }

  /** An index of two platforms. */
  async function pushIndex(path: string) {
    const members = [await pushImage(path), await pushImage(path)];
    const manifests = await Promise.all(
      members.map(async (ref, i) => ({
        ...(await testClient().resolve(ref)),
        platform: { os: 'linux', architecture: ['amd64', 'arm64'][i] ?? '' },
      })),
    );
    const index = encodeJson({ schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests }, MEDIA.ociIndex);
    return { index: await push(path, index), members };
  }

  async function verify(ref: DigestRef, asked: VerificationPolicy, verifier = keyless) {
    const ports = { registry: testClient(), log: fakeLog() };
    return (await verifyImage({ image: 'app', reference: ref, policy: asked, verifier }, ports)).report;
  }

  it('keyless: a signature, provenance, SBOMs and a scan are accepted', async () => {
    const ref = await pushImage('keyless/all');
    const name = formatReference(ref);
    await cosign.sign(name);
    await cosign.attest(name, 'slsaprovenance1', PROVENANCE);
    await cosign.attest(name, 'cyclonedx', SBOM);
    await cosign.attest(name, 'vuln', VULN);
    const asked = policy(['signature', 'provenance', 'sbom', 'scan']);
    const report = await verify(ref, asked);
    expect(checksOf(report).filter(({ ok }) => !ok)).toEqual([]);
    expect(report.ok).toBe(true);
    if (asked.identity === 'key') throw new Error('not by key');
    const voucher = { kind: 'private', identity: asked.identity } as const;
    const lines = verifyCommands({
      ref,
      voucher,
      kinds: ['signature', 'provenance', 'cyclonedx', 'scan'],
      files: { trustedRoot: 'root.json' },
    }).filter((line) => line.startsWith('cosign '));
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(await runPrinted(line)).toMatchObject({ code: 0 });
  });

  it('keyless: SPDX is accepted, and what is not there is missing', async () => {
    const ref = await pushImage('keyless/spdx');
    await cosign.attest(formatReference(ref), 'spdxjson', {
      spdxVersion: 'SPDX-2.3',
      SPDXID: 'SPDXRef-DOCUMENT',
      packages: [],
    });
    expect((await verify(ref, policy(['sbom']))).ok).toBe(true);
    const report = await verify(ref, policy(['sbom', 'provenance']));
    expect(checksOf(report).filter(({ ok }) => !ok)).toMatchObject([
      { id: 'provenance.present', fault: 'predicate-missing' },
    ]);
  });

  it('by key, with and without a log entry: accepted by that key alone', async () => {
    const publicKey = await readFile(join(cosign.folder, 'cosign.pub'), 'utf8');
    const other = await readFile(join(cosign.folder, 'other.pub'), 'utf8');
    for (const [path, services] of [
      ['key/logged', {}],
      ['key/bare', { rekor: false, tsa: false }],
    ] as const) {
      const ref = await pushImage(path);
      const config = join(cosign.folder, 'config.json');
      await writeFile(config, sigstore.signingConfig(services));
      const signed = await cosign.run(
        [
          'sign',
          '-y',
          '--key',
          'cosign.key',
          '--signing-config',
          config,
          '--trusted-root',
          'root.json',
          '--allow-http-registry',
          formatReference(ref),
        ],
        PASSWORD,
      );
      expect(signed).toMatchObject({ code: 0 });
      const asked: VerificationPolicy = { require: ['signature'], members: 'each', identity: 'key' };
      const by = (pem: string) => createVerifier({ kind: 'key', publicKey: pem }, TUF);
      expect((await verify(ref, asked, await by(publicKey))).ok).toBe(true);
      const refused = await verify(ref, asked, await by(other));
      expect(checksOf(refused).find(({ ok }) => !ok)).toMatchObject({ fault: 'key-mismatch' });
      const logged = path === 'key/logged';
      const [line = ''] = verifyCommands({
        ref,
        voucher: { kind: 'key', logged },
        kinds: ['signature'],
        files: { trustedRoot: 'root.json' },
      });
      expect(await runPrinted(line)).toMatchObject({ code: 0 });
    }
  });

  it('an index and its platforms, each signed; an unsigned index over signed members is refused', async () => {
    const { index, members } = await pushIndex('keyless/index');
    for (const member of members) await cosign.sign(formatReference(member));
    const unsigned = await verify(index, policy(['signature']));
    expect(checksOf(unsigned).filter(({ ok }) => !ok)).toMatchObject([{ fault: 'index-unsigned' }]);
    await cosign.sign(formatReference(index));
    expect((await verify(index, policy(['signature']))).ok).toBe(true);
  });

  it('an index signed alone covers its members only where that is asked for', async () => {
    const { index } = await pushIndex('keyless/covered');
    await cosign.sign(formatReference(index));
    expect((await verify(index, policy(['signature'], 'covered'))).ok).toBe(true);
    const strict = await verify(index, policy(['signature']));
    expect(checksOf(strict).filter(({ ok }) => !ok)).toMatchObject([
      { id: 'image.members', fault: 'member-unsigned' },
      { fault: 'member-unsigned' },
      { fault: 'member-unsigned' },
    ]);
  });
});

describe('files that cosign signed', () => {
  const signBlob = async (...flags: readonly string[]) => {
    await writeFile(join(cosign.folder, 'sums.txt'), SUMS);
    await writeFile(join(cosign.folder, 'config.json'), sigstore.signingConfig());
    const trust = ['--signing-config', 'config.json', '--trusted-root', 'root.json'];
    const token = ['--identity-token', oidc.token()];
    const run = await cosign.run([...flags, '-y', ...token, ...trust, '--bundle', 'sums.json', 'sums.txt']);
    expect(run).toMatchObject({ code: 0 });
    return readFile(join(cosign.folder, 'sums.json'));
  };
  const verifySums = (bundle: Uint8Array, artifact: string) => {
    const { identity } = policy(['signature']);
    return verifyBlob({
      name: 'sums.txt',
      artifact: Buffer.from(artifact),
      bundle,
      identity,
      verifier: keyless,
    });
  };

  it.each([
    ['sign-blob', []],
    ['attest-blob', ['--type', 'custom', '--predicate', 'predicate.json']],
  ])('by %s are accepted, and no others', async (command, flags) => {
    await writeFile(join(cosign.folder, 'predicate.json'), '{}');
    const bundle = await signBlob(command, ...flags);
    expect(await verifySums(bundle, SUMS)).toMatchObject({ ok: true });
    const tampered = await verifySums(bundle, `${SUMS} `);
    expect(tampered.checks).toMatchObject([{ ok: false, fault: 'signature-invalid' }]);
  });

  it('by another workflow are refused', async () => {
    oidc.setClaims({ job_workflow_ref: 'Acme/Modules/.github/workflows/evil.yml@refs/tags/v1.2.3' });
    const { ok, checks } = await verifySums(await signBlob('sign-blob'), SUMS);
    oidc.setClaims({ job_workflow_ref: GITHUB_CLAIMS.job_workflow_ref });
    expect(ok).toBe(false);
    expect(checks.filter((each) => !each.ok)).toMatchObject([{ fault: 'workflow-mismatch' }]);
  });
});

const SUMS = `${'ab'.repeat(32)}  trivy_0.69.3_Linux-64bit.tar.gz\n`;

const VULN = {
  invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
  scanner: {
    uri: 'pkg:github/aquasecurity/trivy@0.67.2',
    version: '0.67.2',
    db: { uri: '', version: '' },
    result: {},
  },
  metadata: { scanStartedOn: '2026-11-21T00:00:00Z', scanFinishedOn: '2026-11-21T00:00:01Z' },
};
