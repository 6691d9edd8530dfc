import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../src/adapters/http/http.ts';
import { createOidc } from '../../src/adapters/oidc/oidc.ts';
import { createSigstore } from '../../src/adapters/sigstore/sigstore.ts';
import { createVerifier } from '../../src/adapters/sigstore/verify.ts';
import { BUNDLE_TYPE, PAYLOAD_TYPE } from '../../src/model/attestation.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import { type DigestRef, formatReference } from '../../src/model/reference.ts';
import {
  BUNDLE_LIMIT,
  checksOf,
  type VerificationFault,
  type VerificationPolicy,
} from '../../src/model/verification.ts';
import type { BundleVerifier } from '../../src/ports/sigstore.ts';
import { verifyImage } from '../../src/steps/verify/run.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { GITHUB_CLAIMS, type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { type CosignBench, cosignBench } from '../helpers/sigstore/cosign.ts';
import { signBundle } from '../helpers/sigstore/sign-bundle.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';
import { SIGNATURE, statementOf } from '../helpers/verify-bench.ts';

const TUF = { cacheFolder: '/nowhere', clock: { sleep: async () => undefined } };
const HOUR = 3_600_000;
const SERVER = 'https://github.com';
const WORKFLOW = `${GITHUB_CLAIMS.repository}/.github/workflows`;
const policy = (): VerificationPolicy => ({
  require: ['signature'],
  members: 'each',
  commit: GITHUB_CLAIMS.sha,
  identity: {
    issuer: { kind: 'exact', value: oidc.issuer },
    repository: { kind: 'exact', value: `${SERVER}/${GITHUB_CLAIMS.repository}` },
    workflow: { kind: 'exact', path: '.github/workflows/release.yml' },
    ref: { kind: 'exact', value: GITHUB_CLAIMS.ref },
  },
});

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;
let registry: RunningRegistry;
let stage: Stage;
let verifier: BundleVerifier;
let images = 0;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
  registry = await startRegistry();
  stage = await createStage();
  const { trustedRoot } = sigstore;
  verifier = await createVerifier({ kind: 'keyless', instance: 'private', trustedRoot }, TUF);
});
afterEach(() => {
  sigstore.heal();
  oidc.setClaims(GITHUB_CLAIMS);
});
afterAll(async () => {
  await Promise.all([cosign.remove(), stage.remove(), registry.stop(), sigstore.stop(), oidc.stop()]);
});

/** The image under another name, where nothing is attached to it. */
async function pushed(image: Encoded): Promise<DigestRef> {
  images += 1;
  const repository = { registry: registry.host, path: `acme/app-${images}` };
  const { config, layers } = JSON.parse(Buffer.from(image.bytes).toString());
  for (const blob of [config, ...layers]) await testClient().pushBlob(repository, blob, stage.path(blob), []);
  const ref = { repository, digest: image.descriptor.digest };
  await testClient().putManifest(ref, image);
  return ref;
}

type Sign = (image: Encoded) => Promise<Uint8Array>;

/** As it lies in the registry then. */
const byCosign: Sign = async (image) => {
  const ref = await pushed(image);
  expect(await cosign.sign(formatReference(ref))).toMatchObject({ code: 0 });
  const [referrer] = await testClient().referrers(ref, BUNDLE_TYPE);
  const manifest = await testClient().getManifest({ ...ref, digest: referrer?.digest ?? ref.digest });
  const [layer] = JSON.parse(Buffer.from(manifest?.bytes ?? '').toString()).layers;
  return testClient().readBlob(ref.repository, layer, BUNDLE_LIMIT);
};

const byUs: Sign = async (image) => {
  const [clock, log] = [quickClock(), fakeLog()];
  const http = createHttp({ clock, log, env: {} });
  const own = createOidc({ env: oidc.env, clock, http, log });
  const adapter = createSigstore({ clock, log, http, oidc: own, tufCache: cosign.folder });
  const signingConfig = sigstore.signingConfig();
  const signer = await adapter.signer({ kind: 'keyless', instance: 'private', signingConfig });
  const statement = JSON.stringify(statementOf(image.descriptor.digest, SIGNATURE));
  return (await signer.sign(Buffer.from(statement), PAYLOAD_TYPE)).bundle;
};

/** What is wrong with the image when this alone is attached to it. */
async function faultsOf(
  image: Encoded,
  bundle: Uint8Array,
  mediaType = BUNDLE_TYPE,
): Promise<readonly (VerificationFault | undefined)[]> {
  const ref = await pushed(image);
  const subject = image.descriptor;
  const empty = describeBytes(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
  const blob = describeBytes(bundle, mediaType);
  const parts = { artifactType: BUNDLE_TYPE, config: empty.descriptor, layers: [blob.descriptor], subject };
  const manifest = encodeJson(
    { schemaVersion: 2, mediaType: MEDIA.ociManifest, ...parts },
    MEDIA.ociManifest,
  );
  const descriptor: Descriptor = { ...manifest.descriptor, artifactType: BUNDLE_TYPE };
  await testClient().attach(ref, [{ manifest, descriptor, blobs: [empty, blob] }]);
  const ports = { registry: testClient(), log: fakeLog() };
  const { report } = await verifyImage({ image: 'app', reference: ref, policy: policy(), verifier }, ports);
  return checksOf(report).flatMap(({ ok, fault }) => (ok ? [] : [fault]));
}

type Json = ReturnType<typeof JSON.parse>;
const bent =
  (bend: (bundle: Json) => void) =>
  (bytes: Uint8Array): Uint8Array => {
    const bundle = JSON.parse(Buffer.from(bytes).toString());
    bend(bundle);
    return Buffer.from(JSON.stringify(bundle));
  };

describe.each([
  ['the real cosign', byCosign],
  ['us', byUs],
] as const)('what was signed by %s', (_, sign) => {
  it('is accepted as it is', async () => {
    const image = await stage.image();
    expect(await faultsOf(image, await sign(image))).toEqual([]);
  });

  it.each<[VerificationFault, string, Parameters<RunningOidc['setClaims']>[0]]>([
    [
      'repository-mismatch',
      'another repository',
      {
        repository: 'Evil/App',
        workflow_ref: `Evil/App/.github/workflows/release.yml@${GITHUB_CLAIMS.ref}`,
        job_workflow_ref: `Evil/App/.github/workflows/release.yml@${GITHUB_CLAIMS.ref}`,
      },
    ],
    [
      'workflow-mismatch',
      'another workflow',
      { job_workflow_ref: `${WORKFLOW}/other.yml@${GITHUB_CLAIMS.ref}` },
    ],
    [
      'ref-mismatch',
      'another ref',
      { ref: 'refs/heads/evil', job_workflow_ref: `${WORKFLOW}/release.yml@refs/heads/evil` },
    ],
  ])('is refused with %s: by %s', async (fault, _name, claims) => {
    const image = await stage.image();
    oidc.setClaims(claims);
    expect(await faultsOf(image, await sign(image))).toEqual([fault]);
  });

  it('is refused with subject-mismatch: for the digest of a sibling image', async () => {
    const [image, sibling] = [await stage.image(), await stage.image()];
    expect(await faultsOf(image, await sign(sibling))).toEqual(['subject-mismatch']);
  });

  it('is refused with media-type-wrong: in a layer of another type', async () => {
    const image = await stage.image();
    expect(await faultsOf(image, await sign(image), 'application/json')).toEqual(['media-type-wrong']);
  });

  it.each<[VerificationFault, string, (bytes: Uint8Array) => Uint8Array]>([
    [
      'signature-invalid',
      'with a tampered payload',
      bent((b) => {
        const { payload } = b.dsseEnvelope;
        b.dsseEnvelope.payload = Buffer.from(`${Buffer.from(payload, 'base64')} `).toString('base64');
      }),
    ],
    [
      'log-proof-invalid',
      'with a tampered log entry',
      bent((b) => {
        b.verificationMaterial.tlogEntries[0].inclusionProof.hashes = [Buffer.alloc(32).toString('base64')];
      }),
    ],
    [
      'log-proof-missing',
      'without its log entry',
      bent((b) => {
        b.verificationMaterial.tlogEntries = [];
      }),
    ],
    [
      'log-proof-missing',
      'without the proof in its log entry',
      bent((b) => delete b.verificationMaterial.tlogEntries[0].inclusionProof),
    ],
    [
      'media-type-wrong',
      'with another media type in it',
      bent((b) => {
        b.mediaType = 'application/json';
      }),
    ],
    ['bundle-malformed', 'as truncated JSON', (bytes) => bytes.subarray(0, -10)],
    [
      'bundle-too-large',
      'with 50 MB of spaces behind it',
      (bytes) => Buffer.concat([bytes, Buffer.alloc(50_000_000, ' ')]),
    ],
  ])('is refused with %s: %s', async (fault, _name, bend) => {
    const image = await stage.image();
    expect(await faultsOf(image, bend(await sign(image)))).toEqual([fault]);
  });
});

describe('a certificate that has ended before it is used', () => {
  beforeEach(() => sigstore.setFulcioClock(-3 * HOUR));

  it('is refused with certificate-expired: by a signer that does not look', async () => {
    const image = await stage.image();
    const statement = statementOf(image.descriptor.digest, SIGNATURE);
    expect(await faultsOf(image, await signBundle({ sigstore, oidc }, statement))).toEqual([
      'certificate-expired',
    ]);
  });

  it('is nothing that the real cosign signs with', async () => {
    const { code, stderr } = await cosign.sign(formatReference(await pushed(await stage.image())));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('certificate') });
  });

  it('is nothing that we sign with', async () => {
    await expect(byUs(await stage.image())).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message: expect.stringMatching(/its time is outside the lifetime of the certificate/),
    });
  });
});
