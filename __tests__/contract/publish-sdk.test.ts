import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { generateSigner, loadSigner, publishManifest } from '../../src/steps/publish/run.ts';
import { GENERATIONS, verifyManifests } from '../helpers/publish-platform/sdk.ts';
import { pick, seeded } from '../helpers/random.ts';

const pem = (bits: number) =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const signer = loadSigner(pem(4096));

/** manifest.json texts that Python and JavaScript read, sort or print in different ways. */
const TEXTS: Readonly<Record<string, string>> = {
  plain: '{"name":"a","version":"1.2.3"}',
  'keys beyond the first plane': '{"\\uff5e":1,"\\ud83d\\ude00":2,"\\ue000":3,"z":4,"é":5,"a":6,"A":7,"_":8}',
  'literal astral keys': '{"～":1,"😀":2,"🧬":{"～":1,"😀":2}}',
  escapes: '{"text":"\\b\\f\\n\\r\\t\\"\\\\\\/\\u0000\\u001f\\u007f\\u0080\\u2028\\u2029"}',
  'lone halves': '{"\\ud800":"\\udfff","b":"\\ud83d"}',
  'small floats': '{"n":[0.0001,0.00001,1e-5,1.5e-5,1e-7,1.25e-7,5e-324,0.000123,-1e-5,2.5e-10,1e-10]}',
  'large floats': '{"n":[1e15,1e16,1e17,1e20,1e21,1.5e21,1e22,1e100,1.7976931348623157e308,-1e21]}',
  floats: '{"n":[1.0,-1.0,0.1,0.30000000000000004,100.5,3.14159,-0.5,1E2,1e+2,123456.789e3]}',
  zeros: '{"n":[0,-0,0.0,-0.0,0e5]}',
  integers: '{"n":[9007199254740991,-9007199254740991,1,10,1000000]}',
  nothing: '{"a":null,"b":true,"c":false,"d":{},"e":[],"f":"","g":[[]],"":"empty key"}',
  'keys that look like numbers': '{"10":1,"9":2,"1":3,"b":4}',
  prototypes: '{"__proto__":{"a":1},"constructor":1,"toString":2}',
  'repeated keys': '{"a":1,"a":2,"b":{"c":1,"c":2}}',
  'an old signature': '{"name":"a","signature":"old","public_key":"old","keyFingerprint":"old"}',
  docker: '{"name":"a","computeType":"docker"}',
  blanks: ' \n{ "name" :\t"a" }\r\n',
  deep: `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`,
};

const signed = (text: string): JsonObject => signer.sign(publishManifest(text, 'manifest.json'));

describe.each(GENERATIONS)('the verifier of SDK %s', (generation) => {
  it('takes what we sign, in every odd form', () => {
    const names = Object.keys(TEXTS);
    const verdicts = verifyManifests(
      generation,
      names.map((name) => signed(TEXTS[name]!)),
    );
    expect(Object.fromEntries(names.map((name, i) => [name, verdicts[i]]))).toEqual(
      Object.fromEntries(names.map((name) => [name, true])),
    );
  });

  it('takes keys of other lengths, and the generated one', async () => {
    const manifest = publishManifest('{"name":"a"}', 'manifest.json');
    const keys = [loadSigner(pem(2048)), loadSigner(pem(3072)), await generateSigner()];
    expect(
      verifyManifests(
        generation,
        keys.map((key) => key.sign(manifest)),
      ),
    ).toEqual([true, true, true]);
  });

  it('takes 300 manifests of chance, and none of them with one change', () => {
    const random = seeded(20261121);
    const manifests = Array.from({ length: 300 }, () => signer.sign(randomMembers(random, 4)));
    expect(verifyManifests(generation, manifests)).toEqual(manifests.map(() => true));
    const changed = manifests.slice(0, 20).map((manifest) => ({ ...manifest, zz: 1 }));
    expect(verifyManifests(generation, changed)).toEqual(changed.map(() => false));
  });
});

const WORDS = ['a', 'Z', 'é', '～', '😀', '\u007f', '\n', '"', '\\', '/', '\ue000', '0', ' ', '𝒳', '\u2028'];
const NUMBERS = [0, 1, -1, 0.1, 1e-5, 1e-7, 123456789, 1e16, 1e21, 2 ** 53 - 1, 5e-324, 1.5];

function randomText(random: () => number): string {
  return Array.from({ length: Math.floor(random() * 6) }, () => pick(random, WORDS)).join('');
}

function randomMembers(random: () => number, depth: number): JsonObject {
  const length = Math.floor(random() * 6);
  const members = Array.from({ length }, () => [randomText(random), randomValue(random, depth - 1)] as const);
  return Object.fromEntries(members);
}

function randomValue(random: () => number, depth: number): Json {
  const kind = Math.floor(random() * (depth > 0 ? 7 : 5));
  switch (kind) {
    case 0:
      return pick(random, [null, true, false]);
    case 1:
      return pick(random, NUMBERS);
    case 2:
      return (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
    case 5:
      return Array.from({ length: Math.floor(random() * 4) }, () => randomValue(random, depth - 1));
    case 6:
      return randomMembers(random, depth);
    default:
      return randomText(random);
  }
}
