import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { byproductsOf, parseRecord } from '../../../../src/steps/attest/record.ts';

const SHA = '1234567890'.repeat(4);
const DIGEST = digestOf('an image');
const REF = `ghcr.io/acme/app@${DIGEST}`;

function aRecord(images: unknown, change: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ schemaVersion: 1, plan: { revision: SHA }, images, ...change });
}

describe('a release record', () => {
  it('names the images that were pushed, at every registry', () => {
    const text = aRecord([
      { name: 'app', subjects: [REF, `docker.io/acme/app@${DIGEST}`], digest: 'not looked at' },
      { name: 'not-pushed', subjects: [] },
    ]);
    expect(parseRecord(text)).toEqual({
      revision: SHA,
      images: [
        {
          name: 'app',
          refs: [
            { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: DIGEST },
            { repository: { registry: 'docker.io', path: 'acme/app' }, digest: DIGEST },
          ],
        },
      ],
    });
  });

  it.each([
    ['no JSON', '{', /no release\.json/],
    ['another version', aRecord([], { schemaVersion: 2 }), /no release\.json/],
    ['without a plan', aRecord([], { plan: null }), /no release\.json/],
    ['a name that is a path', aRecord([{ name: '../app', subjects: [REF] }]), /no release\.json/],
    [
      'a tag',
      aRecord([{ name: 'app', subjects: ['ghcr.io/acme/app:1'] }]),
      /app has a reference without a digest/,
    ],
    [
      'no reference',
      aRecord([{ name: 'app', subjects: ['--help'] }]),
      /app has a reference without a digest/,
    ],
    [
      'two digests',
      aRecord([{ name: 'app', subjects: [REF, `ghcr.io/acme/app@${digestOf('another')}`] }]),
      /app has different digests/,
    ],
    [
      'an image twice',
      aRecord([
        { name: 'app', subjects: [REF] },
        { name: 'app', subjects: [REF] },
      ]),
      /names the image app twice/,
    ],
  ])('is of no use: %s', (_, text, fault) => {
    expect(parseRecord(text)).toEqual({ fault: expect.stringMatching(fault) });
  });
});

it.each([
  [{ runDetails: { byproducts: [{ name: 'a', digest: { sha256: 'ab' } }] } }, ['sha256:ab']],
  [{ runDetails: {} }, []],
  ['nothing', []],
])('byproducts of %j', (predicate, expected) => {
  expect(byproductsOf(predicate)).toEqual(expected);
});
