import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import type { Handoff } from '../../../../src/model/handoff.ts';
import { formatHandoff, HANDOFF_LIMIT, parseHandoff } from '../../../../src/steps/handoff/document.ts';
import { aHandedImage, aHandedPlatform, aHandoff } from '../../../helpers/a-handoff.ts';
import { AMD64 } from '../../../helpers/a-release.ts';
import { seeded } from '../../../helpers/random.ts';

const WHERE = '/given/handoff.json';

function faultOf(text: string): string {
  try {
    parseHandoff(text, WHERE);
  } catch (error) {
    expect(error).toBeInstanceOf(ReleaseError);
    expect(error).toMatchObject({ code: 'HANDOFF_INVALID', message: expect.stringContaining(WHERE) });
    return (error as ReleaseError).message;
  }
  return 'taken';
}

/** Written by somebody else, with a seal that fits. */
const sealed = (handoff: Handoff): string => formatHandoff(handoff);
const withPlatform = (change: Parameters<typeof aHandedPlatform>[2]): Handoff =>
  aHandoff({ images: [aHandedImage('base', { platforms: [aHandedPlatform('base', AMD64, change)] })] });
const withReport = (file: string): Handoff =>
  withPlatform({ reports: [{ kind: 'scan', file, digest: digestOf('a scan') }] });

describe('a handoff that was written', () => {
  it('is read as what it was', () => {
    const materials = [{ uri: 'pkg:docker/alpine@3.20', digest: { sha256: 'ab'.repeat(32) } }];
    const whole = withPlatform({ materials });
    expect(parseHandoff(formatHandoff(whole), WHERE)).toEqual(whole);
    const pushed = aHandoff({ images: [aHandedImage('base', { top: digestOf('index') })] });
    expect(parseHandoff(formatHandoff(pushed), WHERE)).toEqual(pushed);
    expect(parseHandoff(formatHandoff(aHandoff()), WHERE)).toEqual(aHandoff());
  });

  it('has one form, whatever order its keys have', () => {
    const { images, shard, ...rest } = aHandoff();
    expect(formatHandoff({ images, ...rest, shard })).toBe(formatHandoff(aHandoff()));
  });

  it('names linux/arm64 with and without its variant alike', () => {
    const v8 = { os: 'linux', architecture: 'arm64', variant: 'v8' };
    const text = formatHandoff(withPlatform({ platform: v8 }));
    expect(parseHandoff(text, WHERE).images[0]?.platforms[0]?.platform).toEqual({
      os: 'linux',
      architecture: 'arm64',
    });
  });
});

describe('one changed byte', () => {
  const text = formatHandoff(aHandoff());
  const random = seeded(7);
  const places = Array.from({ length: 300 }, () => Math.floor(random() * text.length));

  it('is seen wherever it is', () => {
    for (const place of places) {
      const byte = text[place] === '7' ? '8' : '7';
      expect(faultOf(text.slice(0, place) + byte + text.slice(place + 1))).not.toBe('taken');
    }
  });

  it.each([
    ['is left out', (place: number) => text.slice(0, place) + text.slice(place + 1)],
    ['is a space more', (place: number) => `${text.slice(0, place)} ${text.slice(place)}`],
  ])('and where it %s', (_, change) => {
    for (const place of places) expect(faultOf(change(place))).not.toBe('taken');
  });

  it('is seen in a digest, by the seal', () => {
    const digest = digestOf('base amd64');
    const other = digestOf('other bytes');
    expect(faultOf(text.replace(digest, other))).toContain('its seal does not fit');
  });
});

describe('what is no handoff', () => {
  it.each([
    ['nothing', '', 'it is not JSON'],
    ['no JSON', '{"schemaVersion": 1', 'it is not JSON'],
    ['another document', '[]', 'the document: '],
    ['nothing at all', 'null', 'the document: '],
    ['a deep one', '['.repeat(100_000), 'it is not JSON'],
    ['a deep whole one', '['.repeat(100_000) + ']'.repeat(100_000), 'the document: '],
    [
      'a later version',
      sealed(aHandoff()).replace('"schemaVersion": 1', '"schemaVersion": 2'),
      'schemaVersion',
    ],
    ['a huge one', ' '.repeat(HANDOFF_LIMIT + 1), 'it has more than 16777216 bytes'],
    ['one with a name more', sealed(aHandoff()).replace('{', '{ "x": 1,'), 'its seal does not fit'],
    ['one with a name twice', sealed(aHandoff()).replace('{', '{ "shard": "x",'), 'its seal does not fit'],
    [
      'one with the name __proto__',
      sealed(aHandoff()).replace('"parents": {}', '"parents": { "__proto__": "x" }'),
      'its seal does not fit',
    ],
  ])('%s', (_, text, why) => {
    expect(faultOf(text)).toContain(why);
  });

  it('prints nothing of its names that a terminal or a runner would obey', () => {
    const name = `\n::error::${'x'.repeat(1000)}`;
    const text = formatHandoff(withPlatform({ parents: { [name]: digestOf('base') } }));
    const message = faultOf(text);
    expect(message).toContain('parents.?::error::x');
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(400);
  });

  it.each([
    ['no commit', aHandoff({ revision: 'main' }), 'revision'],
    ['no repository of GitHub', aHandoff({ repository: 'a/b/c' }), 'repository'],
    ['a shard that is a path', aHandoff({ shard: '../x' }), 'shard'],
    ['an attempt that is none', aHandoff({ run: { id: '1', attempt: '0' } }), 'run.attempt'],
    ['no images', aHandoff({ images: [] }), 'images'],
    [
      'more images than anybody has',
      aHandoff({ images: Array.from({ length: 1001 }, (_, at) => aHandedImage(`i${at}`)) }),
      'images',
    ],
    ['an image twice', aHandoff({ images: [aHandedImage('a'), aHandedImage('a')] }), 'the image a twice'],
    [
      'a platform twice',
      aHandoff({
        images: [aHandedImage('base', { platforms: [aHandedPlatform('base'), aHandedPlatform('base')] })],
      }),
      'has a platform twice (linux/amd64, linux/amd64)',
    ],
    [
      'an image at no registry',
      aHandoff({ images: [aHandedImage('a', { repositories: [] })] }),
      'is at no registry',
    ],
    ['bytes at two places', aHandoff({ bytes: 'beside' }), 'said to lie beside'],
    [
      'an index of what nobody has pushed',
      aHandoff({
        bytes: 'beside',
        images: [aHandedImage('a', { repositories: [], top: digestOf('index') })],
      }),
      'said to lie beside',
    ],
    [
      'a repository that is none',
      aHandoff({ images: [aHandedImage('a', { repositories: ['ghcr.io/UPPER'] })] }),
      'not a repository',
    ],
    ['a report above its folder', withReport('../app.json'), 'not the plain name'],
    ['a report at a path', withReport('a/b.json'), 'not the plain name'],
    ['a report at an absolute path', withReport('/etc/passwd'), 'not the plain name'],
    ['a report with a backslash', withReport('a\\b.json'), 'not the plain name'],
    ['a report that is a folder', withReport('..'), 'not the plain name'],
    ['a report with a zero', withReport('a\0.json'), 'not the plain name'],
    [
      'a report twice',
      withPlatform({
        reports: [
          { kind: 'spdx', file: 'a.spdx.json', digest: digestOf('a') },
          { kind: 'spdx', file: 'a.spdx.json', digest: digestOf('b') },
        ],
      }),
      'the report a.spdx.json twice',
    ],
    [
      'a report by the name of what else a run leaves',
      withReport('release.json'),
      'not the name of a report of its kind',
    ],
    [
      'an index as a platform',
      withPlatform({
        descriptor: {
          mediaType: 'application/vnd.oci.image.index.v1+json',
          digest: digestOf('index'),
          size: 3,
        },
      }),
      'not the media type of an image manifest',
    ],
    ['a negative size', withPlatform({ size: -1 }), 'size'],
  ])('%s, though its seal fits', (_, handoff, why) => {
    expect(faultOf(sealed(handoff))).toContain(why);
  });
});
