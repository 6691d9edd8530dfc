import { beforeAll, describe, expect, it } from '@jest/globals';
import { createVerifier } from '../../../../src/adapters/sigstore/verify.ts';
import { BUNDLE_LIMIT } from '../../../../src/model/verification.ts';
import type { BundleFault, BundleVerifier, TrustSpec } from '../../../../src/ports/sigstore.ts';
import {
  type BundleJson,
  bytesOf,
  CLAIMS,
  createBundleMaker,
  keyBundle,
  pair,
  pemOf,
} from '../../../helpers/bundle-maker.ts';

const TUF = { cacheFolder: '/nowhere', clock: { sleep: async () => undefined } };
const STATEMENT = { _type: 'https://in-toto.io/Statement/v1', subject: [], predicate: {} };
const HOUR = 60 * 60 * 1000;

let maker: Awaited<ReturnType<typeof createBundleMaker>>;
let good: BundleJson;
let verifier: BundleVerifier;

function trusting(trustedRoot: string): Promise<BundleVerifier> {
  return createVerifier({ kind: 'keyless', instance: 'private', trustedRoot }, TUF);
}

beforeAll(async () => {
  maker = await createBundleMaker();
  good = await maker.make(STATEMENT);
  verifier = await trusting(maker.trustedRoot());
});

/** A copy with something else in it. */
function bent(bend: (bundle: BundleJson) => void, bundle: BundleJson = good): Uint8Array {
  const copy: BundleJson = structuredClone(bundle);
  bend(copy);
  return bytesOf(copy);
}

async function faultOf(bytes: Uint8Array, by = verifier): Promise<BundleFault | 'believed'> {
  const proof = await by.prove(bytes);
  if (!proof.ok) expect(proof.message).not.toBe('');
  return proof.ok ? 'believed' : proof.fault;
}

function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}

describe('a keyless bundle', () => {
  it('is believed, with what its certificate says and when it was signed', async () => {
    const before = Math.floor(Date.now() / 1000) * 1000 - 60_000;
    const proof = await verifier.prove(bytesOf(good));
    expect(proof).toMatchObject({
      ok: true,
      bundle: {
        payloadType: 'application/vnd.in-toto+json',
        logIndex: good.verificationMaterial.tlogEntries[0].logIndex,
        identity: {
          san: CLAIMS.san,
          issuer: CLAIMS.issuer,
          buildSignerUri: CLAIMS.san,
          buildSignerDigest: CLAIMS.commit,
          runnerEnvironment: 'github-hosted',
          sourceRepositoryUri: CLAIMS.repository,
          sourceRepositoryDigest: CLAIMS.commit,
          sourceRepositoryRef: CLAIMS.ref,
          buildConfigUri: CLAIMS.san,
          buildTrigger: 'push',
          runInvocationUri: `${CLAIMS.repository}/actions/runs/7/attempts/1`,
          sourceRepositoryVisibility: 'public',
        },
      },
    });
    if (!proof.ok) throw new Error(proof.message);
    expect(JSON.parse(new TextDecoder().decode(proof.bundle.payload))).toEqual(STATEMENT);
    expect(proof.bundle.signedAt?.getTime()).toBeGreaterThan(before);
  });

  it.each([
    ['its log alone', { timestamp: false }, []],
    ['timestamps alone, where the root knows no log', { log: false }, ['tlogs']],
  ] as const)('is believed by %s', async (_, options, without) => {
    const by = await trusting(maker.trustedRoot(without));
    expect(await faultOf(bytesOf(await maker.make(STATEMENT, options)), by)).toBe('believed');
  });

  it.each([
    ['application/vnd.dev.sigstore.bundle+json;version=0.1', true],
    ['application/vnd.dev.sigstore.bundle+json;version=0.2', true],
    ['application/vnd.dev.sigstore.bundle+json;version=0.3', false],
  ])('of older tools has a chain: %s', async (mediaType, isBelieved) => {
    const chained = bent((b) => {
      const { certificate } = b.verificationMaterial;
      delete b.verificationMaterial.certificate;
      b.verificationMaterial.x509CertificateChain = { certificates: [certificate] };
      b.mediaType = mediaType;
    });
    expect(await faultOf(chained)).toBe(isBelieved ? 'believed' : 'bundle-malformed');
    expect(await faultOf(bent((b) => Object.assign(b, { mediaType })))).toBe('believed');
  });

  const BENDS: readonly (readonly [string, BundleFault, (bundle: BundleJson) => void])[] = [
    [
      'another payload',
      'signature-invalid',
      (b) => {
        b.dsseEnvelope.payload = btoa('{"a":1}');
      },
    ],
    [
      'another signature',
      'signature-invalid',
      (b) => {
        b.dsseEnvelope.signatures[0].sig = flipped(b.dsseEnvelope.signatures[0].sig);
      },
    ],
    [
      'two signatures',
      'bundle-malformed',
      (b) => b.dsseEnvelope.signatures.push(b.dsseEnvelope.signatures[0]),
    ],
    [
      'no signature',
      'bundle-malformed',
      (b) => {
        b.dsseEnvelope.signatures = [];
      },
    ],
    ['no envelope', 'bundle-malformed', (b) => delete b.dsseEnvelope],
    [
      'a payload of another type',
      'payload-type-wrong',
      (b) => {
        b.dsseEnvelope.payloadType = 'text/plain';
      },
    ],
    [
      'another media type',
      'media-type-wrong',
      (b) => {
        b.mediaType = 'application/json';
      },
    ],
    [
      'a media type that only begins right',
      'media-type-wrong',
      (b) => {
        b.mediaType = 'application/vnd.dev.sigstore.bundle.v0.9+json';
      },
    ],
    ['no media type', 'media-type-wrong', (b) => delete b.mediaType],
    [
      'no log entry',
      'log-proof-missing',
      (b) => {
        b.verificationMaterial.tlogEntries = [];
      },
    ],
    [
      'a log entry without proof',
      'log-proof-missing',
      (b) => delete b.verificationMaterial.tlogEntries[0].inclusionProof,
    ],
    [
      'a log entry of another body',
      'log-proof-invalid',
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.canonicalizedBody = btoa(atob(entry.canonicalizedBody).replace('0.0.1', '0.0.2'));
      },
    ],
    [
      'a log entry of another time',
      'log-proof-invalid',
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.integratedTime = String(Number(entry.integratedTime) + 1);
      },
    ],
    [
      'a checkpoint that nobody signed',
      'log-proof-invalid',
      (b) => {
        const { checkpoint } = b.verificationMaterial.tlogEntries[0].inclusionProof;
        checkpoint.envelope = checkpoint.envelope.replace(/\n1\n/, '\n2\n');
      },
    ],
    [
      'a log entry after the end of the certificate',
      'certificate-expired',
      (b) => {
        const entry = b.verificationMaterial.tlogEntries[0];
        entry.integratedTime = String(Number(entry.integratedTime) + 3600);
      },
    ],
    [
      'an altered timestamp',
      'timestamp-invalid',
      (b) => {
        const [stamp] = b.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
        stamp.signedTimestamp = flipped(stamp.signedTimestamp);
      },
    ],
    [
      'a timestamp that is none',
      'bundle-malformed',
      (b) => {
        b.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0].signedTimestamp = 'AAAA';
      },
    ],
    [
      'a certificate that is none',
      'bundle-malformed',
      (b) => {
        b.verificationMaterial.certificate.rawBytes = 'AAAA';
      },
    ],
    [
      'hundreds of log entries',
      'bundle-malformed',
      (b) => {
        const [entry] = b.verificationMaterial.tlogEntries;
        b.verificationMaterial.tlogEntries = Array.from({ length: 500 }, () => entry);
      },
    ],
    [
      'the same log entry twice',
      'timestamp-invalid',
      (b) => b.verificationMaterial.tlogEntries.push(b.verificationMaterial.tlogEntries[0]),
    ],
    [
      'a key in place of the certificate',
      'key-mismatch',
      (b) => {
        delete b.verificationMaterial.certificate;
        b.verificationMaterial.publicKey = { hint: 'x' };
      },
    ],
    ['no verification material', 'bundle-malformed', (b) => delete b.verificationMaterial],
    [
      'a number where a list is',
      'log-proof-missing',
      (b) => {
        b.verificationMaterial.tlogEntries = 7;
      },
    ],
  ];

  it.each(BENDS)('with %s is refused: %s', async (_, fault, bend) => {
    expect(await faultOf(bent(bend))).toBe(fault);
  });

  it('whose certificate had ended when it was signed is refused', async () => {
    const late = await maker.make(STATEMENT, { issuedAt: new Date(Date.now() - HOUR) });
    expect(await faultOf(bytesOf(late))).toBe('certificate-expired');
  });

  it('whose certificate was not valid yet when it was signed is refused', async () => {
    const early = await maker.make(STATEMENT, { issuedAt: new Date(Date.now() + HOUR) });
    expect(await faultOf(bytesOf(early))).toBe('certificate-expired');
  });

  it('with the certificate of another is refused', async () => {
    const other = await maker.make(STATEMENT);
    expect(
      await faultOf(
        bent((b) => {
          b.verificationMaterial.certificate = other.verificationMaterial.certificate;
        }),
      ),
    ).toBe('signature-invalid');
  });

  it('with the log entry of another is refused', async () => {
    const other = await maker.make({ ...STATEMENT, predicate: 2 });
    expect(
      await faultOf(
        bent((b) => {
          b.verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
        }),
      ),
    ).toBe('log-proof-invalid');
  });

  it('of another instance is refused', async () => {
    const other = await createBundleMaker();
    const fault = await faultOf(bytesOf(await other.make(STATEMENT, { log: false, timestamp: true })));
    expect(fault).toBe('log-proof-missing');
    expect(await faultOf(bytesOf(await other.make(STATEMENT, { timestamp: false })))).toBe(
      'certificate-untrusted',
    );
  });

  it('without a proven time is refused', async () => {
    const by = await trusting(maker.trustedRoot(['tlogs']));
    const bare = await maker.make(STATEMENT, { log: false, timestamp: false });
    expect(await faultOf(bytesOf(bare), by)).toBe('timestamp-missing');
  });

  it.each([0, 5, 40, 50, 300, 340, 345])(
    'is believed when it was stamped %i ms past the second',
    async (ms) => {
      const by = await trusting(maker.trustedRoot(['tlogs']));
      // Within the ten minutes of the certificate, however long it takes to make one.
      const stampedAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 120_000 + ms);
      const proof = await by.prove(bytesOf(await maker.make(STATEMENT, { log: false, stampedAt })));
      expect(proof).toMatchObject({ ok: true, bundle: { signedAt: stampedAt } });
    },
  );

  it('with a timestamp of an authority that the root does not know is refused', async () => {
    const by = await trusting(maker.trustedRoot(['timestampAuthorities']));
    expect(await faultOf(bytesOf(good), by)).toBe('timestamp-invalid');
  });

  it('whose certificate is in no log that the root knows is refused', async () => {
    const other = JSON.parse((await createBundleMaker()).trustedRoot());
    const mixed = { ...JSON.parse(maker.trustedRoot()), ctlogs: other.ctlogs };
    expect(await faultOf(bytesOf(good), await trusting(JSON.stringify(mixed)))).toBe('certificate-untrusted');
  });

  it('reads names as strict UTF-8, so that no two names become one', async () => {
    // As ASCII with seven bits this is refs/tags/n1.2
    const ref = `refs/tags/${Buffer.from([0xee, 0xb1, 0xae]).toString('utf8')}2`;
    const proof = await verifier.prove(bytesOf(await maker.make(STATEMENT, { claims: { ref } })));
    expect(proof.ok && proof.bundle.identity?.sourceRepositoryRef).toBe(ref);
  });
});

describe('hostile bytes', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['null', 'null'],
    ['deep nesting', `{"mediaType":${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d])],
  ])('%s', async (_, bytes) => {
    const fault = await faultOf(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    expect(['bundle-malformed', 'media-type-wrong']).toContain(fault);
  });

  it('truncated anywhere are refused and never thrown', async () => {
    const whole = bytesOf(good);
    for (let end = 0; end < whole.length; end += 97)
      expect(await faultOf(whole.subarray(0, end))).toBe('bundle-malformed');
  });

  it('changed anywhere are refused, or prove the very same', async () => {
    const whole = bytesOf(good);
    for (let at = 5; at < whole.length; at += 211) {
      const bytes = new Uint8Array(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 2;
      const proof = await verifier.prove(bytes);
      if (proof.ok) expect(JSON.parse(new TextDecoder().decode(proof.bundle.payload))).toEqual(STATEMENT);
    }
  });

  it('of 50 MB are refused without being parsed', async () => {
    const bytes = new Uint8Array(50_000_000).fill(0x20);
    bytes.set(bytesOf(good));
    expect(bytes.byteLength).toBeGreaterThan(BUNDLE_LIMIT);
    expect(await faultOf(bytes)).toBe('bundle-too-large');
  });
});

describe('a bundle by key', () => {
  const keys = pair('P-256');
  const spec: TrustSpec = { kind: 'key', publicKey: pemOf(keys.publicKey) };

  it('is believed, with neither identity nor time', async () => {
    const proof = await (await createVerifier(spec, TUF)).prove(bytesOf(keyBundle(STATEMENT, keys)));
    expect(proof).toEqual({
      ok: true,
      bundle: { payload: expect.anything(), payloadType: expect.any(String) },
    });
  });

  it('is believed with log entries, which without a root say nothing', async () => {
    const withLog = { ...keyBundle(STATEMENT, keys) };
    withLog.verificationMaterial.tlogEntries = good.verificationMaterial.tlogEntries;
    expect(await faultOf(bytesOf(withLog), await createVerifier(spec, TUF))).toBe('believed');
  });

  it.each([
    ['of another key', 'key-mismatch', () => keyBundle(STATEMENT)],
    [
      'with another payload',
      'signature-invalid',
      () => {
        const bundle = keyBundle(STATEMENT, keys);
        bundle.dsseEnvelope.payload = btoa('{}');
        return bundle;
      },
    ],
    ['that has a certificate', 'key-mismatch', () => good],
  ] as const)('%s is refused: %s', async (_, fault, make) => {
    expect(await faultOf(bytesOf(make()), await createVerifier(spec, TUF))).toBe(fault);
  });

  it('is not believed where a certificate is expected', async () => {
    expect(await faultOf(bytesOf(keyBundle(STATEMENT, keys)))).toBe('key-mismatch');
  });
});

it.each([
  ['no PEM', { kind: 'key', publicKey: 'hello' }],
  [
    'a private key',
    { kind: 'key', publicKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' },
  ],
  ['no root', { kind: 'keyless', instance: 'private', trustedRoot: 'hello' }],
  [
    'a root of another kind',
    { kind: 'keyless', instance: 'private', trustedRoot: '{"mediaType":"text/plain"}' },
  ],
  [
    'a root without authority',
    {
      kind: 'keyless',
      instance: 'private',
      trustedRoot: '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
    },
  ],
] as const)('%s is no trust', async (_, spec) => {
  await expect(createVerifier(spec, TUF)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
});
