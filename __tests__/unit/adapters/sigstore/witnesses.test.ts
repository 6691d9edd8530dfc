import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { signEnvelope } from '../../../../src/adapters/sigstore/envelope.ts';
import { enterLog } from '../../../../src/adapters/sigstore/rekor.ts';
import { enterLogV2 } from '../../../../src/adapters/sigstore/rekor-v2.ts';
import { signingKey } from '../../../../src/adapters/sigstore/signing-key.ts';
import { requestTimestamp } from '../../../../src/adapters/sigstore/timestamp.ts';
import { type FakeHttp, fakeHttp } from '../../../helpers/fake-http.ts';

const PAYLOAD = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
const SIGNED = signed(PAYLOAD);
const [{ sig: SIGNATURE }] = SIGNED.envelope.signatures;
const LOG = new URL('https://rekor.example.com/log');
const UUID = 'ab'.repeat(40);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

function signed(payload: Uint8Array) {
  const key = signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  if (key === undefined) throw new Error('P-256 is no key');
  return signEnvelope(payload, 'application/vnd.in-toto+json', key);
}

function bodyOf(
  change: object = {},
  signatures: unknown = [{ signature: SIGNATURE, verifier: 'x' }],
): string {
  const payloadHash = { algorithm: 'sha256', value: sha256(PAYLOAD).toString('hex') };
  const spec = { envelopeHash: payloadHash, payloadHash, signatures };
  return Buffer.from(JSON.stringify({ kind: 'dsse', apiVersion: '0.0.1', spec, ...change })).toString(
    'base64',
  );
}

const PROOF = {
  checkpoint: 'rekor.example.com\n',
  hashes: ['cd'.repeat(32)],
  logIndex: 7,
  rootHash: 'ef'.repeat(32),
  treeSize: 9,
};

function entry(change: object = {}) {
  return {
    body: bodyOf(),
    integratedTime: 1_795_262_400,
    logID: '12'.repeat(32),
    logIndex: 1_000_007,
    verification: { inclusionProof: PROOF, signedEntryTimestamp: 'c2V0' },
    ...change,
  };
}

const refused = (words: string) => ({
  code: 'SIGSTORE_UNAVAILABLE',
  message: expect.stringContaining(words),
});

describe('the log', () => {
  const enter = (http: FakeHttp) => enterLog(http, LOG, SIGNED, undefined);
  const answering = (body: unknown, status = 201) => fakeHttp(() => ({ status, body }));

  it('gives an entry in the spelling of bundles', async () => {
    const http = answering({ [UUID]: entry() });
    expect(await enter(http)).toEqual({
      logIndex: '1000007',
      logId: { keyId: Buffer.from('12'.repeat(32), 'hex').toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: '1795262400',
      inclusionPromise: { signedEntryTimestamp: 'c2V0' },
      inclusionProof: {
        logIndex: '7',
        rootHash: Buffer.from('ef'.repeat(32), 'hex').toString('base64'),
        treeSize: '9',
        hashes: [Buffer.from('cd'.repeat(32), 'hex').toString('base64')],
        checkpoint: { envelope: 'rekor.example.com\n' },
      },
      canonicalizedBody: bodyOf(),
    });
    expect(http.requests[0]?.url.href).toBe('https://rekor.example.com/log/api/v1/log/entries');
  });

  it.each([
    ['two entries', { [UUID]: entry(), ['cd'.repeat(40)]: entry() }, 'it is not one entry'],
    ['none', {}, 'it is not one entry'],
    ['no JSON', '<html>', 'it is not one entry'],
    [
      'no inclusion proof',
      { [UUID]: entry({ verification: { signedEntryTimestamp: 'c2V0' } }) },
      'not one entry',
    ],
    ['no signed timestamp', { [UUID]: entry({ verification: { inclusionProof: PROOF } }) }, 'not one entry'],
    ['a log that is no hash', { [UUID]: entry({ logID: 'xyz' }) }, 'not one entry'],
    ['a negative index', { [UUID]: entry({ logIndex: -1 }) }, 'not one entry'],
    [
      'a proof of a thousand hashes',
      {
        [UUID]: entry({
          verification: {
            inclusionProof: { ...PROOF, hashes: Array(1000).fill('cd'.repeat(32)) },
            signedEntryTimestamp: 'c2V0',
          },
        }),
      },
      'not one entry',
    ],
    [
      'an entry about another payload',
      {
        [UUID]: entry({
          body: bodyOf({
            spec: {
              payloadHash: { algorithm: 'sha256', value: 'ab'.repeat(32) },
              signatures: [{ signature: SIGNATURE }],
            },
          }),
        }),
      },
      'its entry is not about what was signed',
    ],
    [
      'an entry of another signature',
      { [UUID]: entry({ body: bodyOf({}, [{ signature: 'c2ln' }]) }) },
      'not about',
    ],
    [
      'an entry of two signatures',
      { [UUID]: entry({ body: bodyOf({}, [{ signature: SIGNATURE }, { signature: 'c2ln' }]) }) },
      'not about',
    ],
    ['another kind of entry', { [UUID]: entry({ body: bodyOf({ kind: 'hashedrekord' }) }) }, 'not about'],
    ['a body that is no JSON', { [UUID]: entry({ body: 'eHl6' }) }, 'not about'],
  ])('%s is refused', async (_, body, words) => {
    await expect(enter(answering(body))).rejects.toMatchObject(refused(words));
  });

  const conflict = (location: string | undefined, message = '') =>
    fakeHttp(({ method }) =>
      method === 'POST'
        ? { status: 409, body: { code: 409, message }, headers: location === undefined ? {} : { location } }
        : { status: 200, body: { [UUID]: entry() } },
    );

  it.each([
    ['a path', conflict(`/api/v1/log/entries/${UUID}`)],
    ['an address', conflict(`https://rekor.example.com/log/api/v1/log/entries/${UUID}`)],
    ['an address elsewhere, which is not asked', conflict(`https://evil.example.com/${UUID}?x=../..`)],
    [
      'words',
      conflict(undefined, `an equivalent entry already exists in the transparency log with UUID ${UUID}`),
    ],
  ])('409 with %s leads to the entry', async (_, http) => {
    expect((await enter(http))?.logIndex).toBe('1000007');
    expect(http.requests[1]?.url.href).toBe(`https://rekor.example.com/log/api/v1/log/entries/${UUID}`);
  });

  it.each([
    ['nothing', conflict(undefined)],
    ['a way out', conflict('/api/v1/log/entries/../../../admin')],
    ['too long a hash', conflict(`/api/v1/log/entries/${UUID}ab`)],
  ])('409 with %s is a failure', async (_, http) => {
    await expect(enter(http)).rejects.toMatchObject(refused('status 409'));
    expect(http.requests).toHaveLength(1);
  });

  it('409 that leads to an entry about something else is a failure', async () => {
    const http = fakeHttp(({ method }) =>
      method === 'POST'
        ? { status: 409, headers: { location: `/api/v1/log/entries/${UUID}` } }
        : { status: 200, body: { [UUID]: entry({ body: bodyOf({}, [{ signature: 'c2ln' }]) }) } },
    );
    await expect(enter(http)).rejects.toMatchObject(refused('its entry is not about what was signed'));
  });

  it('no answer in time is none', async () => {
    const http = fakeHttp(() => ({ kind: 'late', attempts: 3 }));
    expect(await enterLog(http, LOG, SIGNED, 5000)).toBeUndefined();
    expect(http.requests[0]?.options.until).toBe(5000);
  });
});

describe('the log of tiles (Rekor v2)', () => {
  const DIGEST = Buffer.from(SIGNED.digest).toString('base64');
  const kept = (content: string, digest = DIGEST) => {
    const spec = { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature: { content } } };
    return Buffer.from(JSON.stringify({ kind: 'hashedrekord', apiVersion: '0.0.2', spec })).toString(
      'base64',
    );
  };
  const answer = (change: object = {}) => ({
    logIndex: '12',
    logId: { keyId: 'a2V5' },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    inclusionProof: {
      logIndex: '12',
      rootHash: 'cm9vdA==',
      treeSize: 13,
      hashes: ['aGFzaA=='],
      checkpoint: { envelope: 'x' },
    },
    canonicalizedBody: kept(SIGNATURE),
    ...change,
  });

  it('is sent envelope and key, and gives an entry that tells no time', async () => {
    const http = fakeHttp(() => ({ status: 201, body: answer({ integratedTime: '0', evil: true }) }));
    const made = await enterLogV2(http, LOG, SIGNED, undefined);
    expect(made).toMatchObject({ logIndex: '12', inclusionProof: { treeSize: '13' } });
    expect(Object.keys(made ?? {})).not.toContain('integratedTime');
    expect(Object.keys(made ?? {})).not.toContain('evil');
    const [sent] = http.requests;
    expect(sent?.url.href).toBe('https://rekor.example.com/log/api/v2/log/entries');
    expect(JSON.parse(String(sent?.body))).toEqual({
      hashedRekordRequestV002: {
        digest: DIGEST,
        signature: {
          content: SIGNATURE,
          verifier: {
            publicKey: { rawBytes: Buffer.from(SIGNED.verifier.bytes).toString('base64') },
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          },
        },
      },
    });
  });

  it.each([
    ['another signature', answer({ canonicalizedBody: kept('c2ln') }), 'not about what was signed'],
    [
      'another digest',
      answer({ canonicalizedBody: kept(SIGNATURE, 'aGFzaA==') }),
      'not about what was signed',
    ],
    ['no proof', answer({ inclusionProof: undefined }), 'it is not an entry with inclusion proof'],
    ['another kind', answer({ kindVersion: { kind: 'dsse', version: '0.0.2' } }), 'it is not an entry'],
    ['an index that is none', answer({ logIndex: '-1' }), 'it is not an entry'],
  ])('%s is refused', async (_, body, words) => {
    const http = fakeHttp(() => ({ status: 201, body }));
    await expect(enterLogV2(http, LOG, SIGNED, undefined)).rejects.toMatchObject(refused(words));
  });
});

describe('the timestamp authority', () => {
  const TSA = new URL('https://tsa.example.com/api/v1/timestamp');
  const hash = sha256(SIGNED.signature);
  const ask = (http: FakeHttp) => requestTimestamp(http, TSA, SIGNED.signature, undefined);

  it('is sent a request as RFC 3161 has it, with a number of its own', async () => {
    const reply = Buffer.concat([Buffer.from('3030', 'hex'), hash]);
    const http = fakeHttp(() => ({ status: 201, body: reply }));
    expect(await ask(http)).toEqual(reply);
    await ask(http);
    const [first, second] = http.requests.map(({ body }) => Buffer.from(body ?? '').toString('hex'));
    const head = '30400201013031300d060960864801650304020105000420';
    expect(first).toMatch(new RegExp(`^${head}${hash.toString('hex')}0208[4-7][0-9a-f]{15}$`));
    expect(second).not.toBe(first);
  });

  it.each([
    ['a page', '<html>'],
    ['nothing', ''],
    ['a refusal', Buffer.from('30050203020102', 'hex')],
    ['a timestamp over something else', Buffer.concat([Buffer.from('3030', 'hex'), sha256(hash)])],
  ])('%s is refused', async (_, body) => {
    const http = fakeHttp(() => ({ status: 200, body }));
    await expect(ask(http)).rejects.toMatchObject(refused('it is no timestamp over the signature'));
    expect(http.requests[0]?.options.limit).toBe(64 * 1024);
  });
});
