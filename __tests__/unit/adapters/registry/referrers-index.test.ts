import { describe, expect, it } from '@jest/globals';
import {
  digestOfEntry,
  extendIndex,
  missingFrom,
  readIndex,
  referrersTag,
} from '../../../../src/adapters/registry/referrers-index.ts';
import { digestOf, hexOf } from '../../../../src/model/digest.ts';
import { aForeignEntry } from '../../../helpers/a-signed.ts';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const list = (manifests: unknown, more = {}) => ({ schemaVersion: 2, manifests, ...more });

it('the tag of a digest is that of the referrers tag schema', () => {
  expect(referrersTag(digestOf('x'))).toBe(`sha256-${hexOf(digestOf('x'))}`);
});

describe('a list of referrers', () => {
  it('that is not there is empty', () => {
    expect(readIndex(undefined)?.manifests).toEqual([]);
    expect(readIndex(bytes(list(null)))?.manifests).toEqual([]);
  });

  it.each([
    ['no JSON', new TextEncoder().encode('{"manifests":')],
    ['no text', Uint8Array.from([0xff, 0xfe])],
    ['an image manifest', bytes({ schemaVersion: 2, config: {}, layers: [] })],
    ['an old schema', bytes({ schemaVersion: 1, manifests: [] })],
    ['no list', bytes(list({}))],
    ['null', bytes(null)],
  ])('is not %s', (_, given) => {
    expect(readIndex(given)).toBeUndefined();
  });

  it('keeps every word of others, in order, when it grows', () => {
    const entries = [aForeignEntry('b'), 'not an entry', aForeignEntry('a'), { digest: 'sha512:00' }];
    const held = readIndex(bytes(list(entries, { annotations: { a: '1' }, 'x-more': { deep: [1] } })));
    if (held === undefined) throw new Error('no list');
    const { bytes: extended } = extendIndex(held, [aForeignEntry('new')]);
    expect(JSON.parse(Buffer.from(extended).toString())).toEqual({
      ...list([...entries, aForeignEntry('new')], { annotations: { a: '1' }, 'x-more': { deep: [1] } }),
      mediaType: 'application/vnd.oci.image.index.v1+json',
    });
  });

  it('lacks what it does not name by digest', () => {
    const held = readIndex(bytes(list([aForeignEntry('a'), 7])));
    if (held === undefined) throw new Error('no list');
    const wanted = [{ digest: digestOf('a'), other: 'words' }, aForeignEntry('b')];
    expect(missingFrom(held, wanted).map(digestOfEntry)).toEqual([digestOf('b')]);
  });
});
