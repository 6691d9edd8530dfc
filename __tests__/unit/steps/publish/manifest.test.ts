import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { loadSigner, publishManifest } from '../../../../src/steps/publish/run.ts';

const read = (text: string) => publishManifest(text, 'm/manifest.json');

describe('a manifest that is published', () => {
  it("has the platform's name for Docker, and no old signature", () => {
    const text = '{"name":"a","computeType":"docker","signature":"x","key_fingerprint":"y","publicKey":"z"}';
    expect(read(text)).toEqual({ name: 'a', computeType: 'fargate' });
    expect(read('{"computeType":"lambda","inner":{"computeType":"docker"}}')).toEqual({
      computeType: 'lambda',
      inner: { computeType: 'docker' },
    });
  });

  it.each([
    ['{"a":9007199254740993}', 'the number 9007199254740993 of "a" cannot be signed exactly'],
    ['{"a":[1,-9007199254740992]}', 'the number -9007199254740992 of "1" cannot be signed exactly'],
    ['{"a":1e400}', 'the number 1e400 of "a" cannot be signed exactly'],
    [
      '{"inputs":{"signature":{"type":"string"}}}',
      'the key /inputs/signature has a name that belongs to the signature',
    ],
    ['{"a":[{"b":{"hash_algorithm":1}}]}', 'the key /a/0/b/hash_algorithm has a name'],
    ['{"integrity":"sha256"}', 'the key /integrity is reserved by the platform'],
    ['[1]', 'it is not a JSON object'],
    ['"x"', 'it is not a JSON object'],
    [`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`, 'it is nested deeper than 100 levels'],
  ])('is refused: %s', (text, message) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'MANIFEST_INVALID',
        message: expect.stringContaining(`m/manifest.json cannot be published: ${message}`),
      }),
    );
  });

  it('is refused when it is no JSON', () => {
    expect(() => read('{"a":}')).toThrow(expect.objectContaining({ code: 'MANIFEST_INVALID' }));
  });

  it('keeps numbers that look odd and are exact', () => {
    expect(read('{"a":[9007199254740991,1e20,0.1,-0.0,1E2]}')).toEqual({
      a: [2 ** 53 - 1, 1e20, 0.1, -0, 100],
    });
  });
});

describe('a key', () => {
  const pem = (key: ReturnType<typeof generateKeyPairSync>['privateKey']) =>
    key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;

  it('adds five keys at the end, in the order of the SDK', () => {
    const signed = loadSigner(pem(rsa(2048))).sign({ name: 'a' });
    expect(Object.keys(signed)).toEqual([
      'name',
      'signature',
      'publicKey',
      'keyFingerprint',
      'signatureAlgorithm',
      'hashAlgorithm',
    ]);
  });

  it.each([
    ['of another kind', () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey), 'type ec'],
    ['that is short', () => pem(rsa(1024)), '1024 bits'],
    [
      'that is none',
      () => '-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXRleHQ=\n-----END PRIVATE KEY-----',
      'cannot be read',
    ],
    [
      'with a password',
      () =>
        rsa(2048).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }).toString(),
      'without a password',
    ],
  ])('%s is refused without a word of it', (_, make, words) => {
    const text = make();
    const error = (() => {
      try {
        return loadSigner(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'INPUT_INVALID', message: expect.stringContaining(words) });
    const all = JSON.stringify(error, Object.getOwnPropertyNames(error));
    for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('---')))
      expect(all).not.toContain(line);
  });
});
