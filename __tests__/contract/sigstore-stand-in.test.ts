import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import type { Digest } from '../../src/model/digest.ts';
import { type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { testClient } from '../helpers/registry/client.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { type CosignBench, cosignBench, RELEASE_SAN } from '../helpers/sigstore/cosign.ts';
import { signBundle } from '../helpers/sigstore/sign-bundle.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}`;
const CYCLONEDX = 'https://cyclonedx.org/bom';
const PASSWORD = { COSIGN_PASSWORD: 'pass' };
const OTHER_SAN = RELEASE_SAN.replace('Acme/Modules', 'Acme/Other');

/** A statement as this action writes them. */
function statementFor(digest: string = DIGEST, predicateType: string = CYCLONEDX): unknown {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'ghcr.io/acme/app', digest: { sha256: digest.slice('sha256:'.length) } }],
    predicateType,
    predicate: { bomFormat: 'CycloneDX' },
  };
}

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
  for (const name of ['cosign', 'other'])
    await cosign.run(['generate-key-pair', '--output-key-prefix', name], PASSWORD);
});

afterEach(() => {
  oidc.heal();
  sigstore.heal();
});

afterAll(async () => {
  await cosign.remove();
  await sigstore.stop();
  await oidc.stop();
});

const signed = (options = {}) => signBundle({ sigstore, oidc }, statementFor(), options);
const parsed = (bundle: Uint8Array) => JSON.parse(Buffer.from(bundle).toString());
const bytes = (bundle: unknown): Uint8Array => Buffer.from(JSON.stringify(bundle));

const REGISTRIES = {
  'the embedded registry': () => startRegistry(),
  'the embedded registry without referrers API': () => startRegistry({ referrers: false }),
  distribution: () => startDistribution(),
} as const;

describe.each(Object.entries(REGISTRIES))('cosign, keyless against the stand-in, on %s', (_, start) => {
  let registry: Awaited<ReturnType<typeof start>>;
  let stage: Stage;

  beforeAll(async () => {
    registry = await start();
    stage = await createStage();
  });

  afterAll(async () => {
    await registry.stop();
    await stage.remove();
  });

  /** A new image in the registry: `host/name@sha256:…`. */
  async function pushImage(path: string): Promise<string> {
    const client = testClient();
    const repository = { registry: registry.host, path };
    const manifest = await stage.image();
    const { config, layers } = JSON.parse(Buffer.from(manifest.bytes).toString());
    for (const blob of [config, ...layers]) await client.pushBlob(repository, blob, stage.path(blob), []);
    const digest: Digest = manifest.descriptor.digest;
    await client.putManifest({ repository, digest }, manifest);
    return `${registry.host}/${path}@${digest}`;
  }

  it.each([
    ['log entry and timestamp', {}, []],
    ['log entry alone', { tsa: false }, []],
    ['entry of Rekor v2', { rekor: 'v2' }, []],
    ['timestamp alone', { rekor: false }, ['--insecure-ignore-tlog', '--use-signed-timestamps']],
  ] as const)('signs and verifies by digest: %s', async (name, services, flags) => {
    const ref = await pushImage(`sign/${name.toLowerCase().replaceAll(' ', '-')}`);
    expect(await cosign.sign(ref, services)).toMatchObject({ code: 0 });
    expect(await cosign.verify(ref, ...flags)).toMatchObject({ code: 0 });
    const stranger = await cosign.verify(ref, ...flags, ...cosign.identity(OTHER_SAN));
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toContain('no matching CertificateIdentity');
  });

  it('finds no signature on the sibling of a signed image', async () => {
    const ref = await pushImage('sibling/app');
    const sibling = await pushImage('sibling/app');
    expect(await cosign.sign(ref)).toMatchObject({ code: 0 });
    expect(await cosign.verify(sibling)).toMatchObject({ code: 10 });
  });

  it('attests and finds each predicate by its type', async () => {
    const ref = await pushImage('attest/app');
    expect(await cosign.attest(ref, 'cyclonedx', { bomFormat: 'CycloneDX' })).toMatchObject({ code: 0 });
    expect(await cosign.attest(ref, 'spdxjson', { spdxVersion: 'SPDX-2.3' })).toMatchObject({ code: 0 });
    const { stdout } = await cosign.verifyAttestation(ref, 'cyclonedx');
    const [envelope = '', ...others] = stdout.trim().split('\n');
    expect(others).toEqual([]);
    const statement = JSON.parse(Buffer.from(JSON.parse(envelope).payload, 'base64').toString());
    expect(statement.predicateType).toBe(CYCLONEDX);
    expect(await cosign.verifyAttestation(ref, 'spdxjson')).toMatchObject({ code: 0 });
    expect(await cosign.verifyAttestation(ref, 'vuln')).toMatchObject({ code: 1 });
  });

  /** An image signed by one of the keys; without a service in the signing config there is no log entry. */
  async function signedByKey(name: string, config: string): Promise<string> {
    const ref = await pushImage(`keyed/${name}`);
    await writeFile(join(cosign.folder, 'config.json'), config);
    const how = ['--signing-config', 'config.json', '--trusted-root', 'root.json', '--allow-http-registry'];
    const run = await cosign.run(['sign', '-y', '--key', `${name}.key`, ...how, ref], PASSWORD);
    expect(run).toMatchObject({ code: 0 });
    return ref;
  }

  const NO_SERVICE = JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' });

  it('signs by key with a log entry', async () => {
    const ref = await signedByKey('cosign', sigstore.signingConfig());
    expect(await cosign.verify(ref, '--key', 'cosign.pub')).toMatchObject({ code: 0 });
  });

  it('signs by key alone', async () => {
    const ref = await signedByKey('cosign', NO_SERVICE);
    const verified = await cosign.verify(ref, '--key', 'cosign.pub', '--insecure-ignore-tlog');
    expect(verified).toMatchObject({ code: 0 });
    expect(await cosign.verify(ref, '--key', 'cosign.pub')).toMatchObject({ code: 1 });
  });

  it('refuses what another key signed', async () => {
    const ref = await signedByKey('other', NO_SERVICE);
    const stranger = await cosign.verify(ref, '--key', 'cosign.pub', '--insecure-ignore-tlog');
    expect(stranger).toMatchObject({ code: 1 });
  });
});

describe('a bundle of @sigstore/sign, judged by cosign verify-blob-attestation', () => {
  const judge = (bundle: Uint8Array, ...flags: readonly string[]) =>
    cosign.verifyBlobAttestation(bundle, 'cyclonedx', DIGEST, ...flags);

  it.each([
    ['log entry and timestamp', {}, []],
    ['log entry alone', { tsa: false }, []],
    ['an entry of the intoto kind', { entryType: 'intoto' }, []],
    ['both, timestamp asked for', {}, ['--use-signed-timestamps']],
    ['timestamp alone', { rekor: false }, ['--insecure-ignore-tlog', '--use-signed-timestamps']],
  ] as const)('accepted: %s', async (_, options, flags) => {
    expect(await judge(await signed(options), ...flags)).toMatchObject({ code: 0 });
  });

  it('is found in a log of any size', async () => {
    for (let entry = 0; entry < 9; entry += 1) expect(await judge(await signed())).toMatchObject({ code: 0 });
    expect(parsed(await signed()).verificationMaterial.tlogEntries[0].inclusionProof.hashes).not.toEqual([]);
  });

  type Bend = (bundle: ReturnType<typeof parsed>) => void;
  const BENT: Readonly<Record<string, Bend>> = {
    'another payload': ({ dsseEnvelope }) => {
      const other = { ...(statementFor() as object), predicate: {} };
      dsseEnvelope.payload = Buffer.from(JSON.stringify(other)).toString('base64');
    },
    'no log entry': ({ verificationMaterial }) => {
      delete verificationMaterial.tlogEntries;
    },
    'a bent inclusion proof': ({ verificationMaterial }) => {
      const { inclusionProof } = verificationMaterial.tlogEntries[0];
      inclusionProof.hashes[0] = createHash('sha256').digest('base64');
    },
    'a bent promise': ({ verificationMaterial }) => {
      const [entry] = verificationMaterial.tlogEntries;
      entry.integratedTime = String(Number(entry.integratedTime) + 1);
    },
  };

  it.each(Object.entries(BENT))('refused: %s', async (_, bend) => {
    const bundle = parsed(await signed());
    expect(await judge(bytes(bundle))).toMatchObject({ code: 0 });
    bend(bundle);
    expect(await judge(bytes(bundle))).toMatchObject({ code: 1 });
  });

  it('refused: another identity, another subject, another predicate', async () => {
    const bundle = await signed();
    expect(await judge(bundle, ...cosign.identity(OTHER_SAN))).toMatchObject({ code: 1 });
    const sibling = `sha256:${'cd'.repeat(32)}`;
    expect(await cosign.verifyBlobAttestation(bundle, 'cyclonedx', sibling)).toMatchObject({ code: 1 });
    expect(await cosign.verifyBlobAttestation(bundle, 'vuln', DIGEST)).toMatchObject({ code: 1 });
  });

  it('refused: another trust root', async () => {
    const other = await startSigstore({ issuer: oidc.url });
    const judgeOfOther = await cosignBench({ sigstore: other, oidc });
    const bundle = await signed();
    expect(await judgeOfOther.verifyBlobAttestation(bundle, 'cyclonedx', DIGEST)).toMatchObject({ code: 1 });
    await judgeOfOther.remove();
    await other.stop();
  });

  it('refused: a certificate that had expired when it was used', async () => {
    sigstore.setFulcioClock(-3 * 3_600_000);
    const bundle = await signed();
    const { code, stderr } = await judge(bundle);
    expect(code).toBe(1);
    expect(stderr).toContain('certificate');
    sigstore.heal();
    expect(await judge(await signed())).toMatchObject({ code: 0 });
  });
});
