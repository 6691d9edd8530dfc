import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { MEDIA } from '../../../../src/model/manifest.ts';
import { selectImage, splitSelector } from '../../../../src/steps/build/select-image.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const entry = (name: string, annotations: Record<string, string> = {}) => ({
  mediaType: MEDIA.ociManifest,
  digest: digestOf(name),
  size: 1,
  annotations,
});
const REF = 'org.opencontainers.image.ref.name';
const one = entry('one', { [REF]: '1.0' });
const two = entry('two', { 'io.containerd.image.name': 'docker.io/acme/app:2.0' });

describe('the image of a layout', () => {
  it.each([
    ['the only one', [one], undefined, 'one'],
    ['one under two tags', [one, { ...one, annotations: { [REF]: 'latest' } }], undefined, 'one'],
    ['by tag', [one, two], '1.0', 'one'],
    ['by the tag of its whole name', [one, two], '2.0', 'two'],
    ['by its whole name', [one, two], 'docker.io/acme/app:2.0', 'two'],
    ['by digest', [one, two], digestOf('two'), 'two'],
  ])('is %s', (_, manifests, selector, expected) => {
    expect(selectImage(manifests, selector, 'x').digest).toBe(digestOf(expected));
  });

  it.each([
    ['several', [one, two], undefined],
    ['none', [], undefined],
    ['an unknown tag', [one, two], '0'],
    ['two of one tag', [one, entry('other', { [REF]: '1.0' })], '1.0'],
  ])('is refused: %s', (_, manifests, selector) => {
    expect(() => selectImage(manifests, selector, 'oci-layout:x')).toThrow(
      expect.objectContaining({ code: 'SOURCE_INVALID', message: expect.stringContaining('oci-layout:x') }),
    );
  });
});

describe('a path with a selector', () => {
  const files = memoryFiles({ '/w/a.tar': '', '/w/b:c/index.json': '', '/w/a.tar:odd': '' });
  it.each<[string, { path: string; selector?: string }]>([
    ['/w/a.tar', { path: '/w/a.tar' }],
    ['/w/a.tar:odd', { path: '/w/a.tar:odd' }],
    ['/w/a.tar:v1', { path: '/w/a.tar', selector: 'v1' }],
    ['/w/a.tar:acme/app:v1', { path: '/w/a.tar', selector: 'acme/app:v1' }],
    ['/w/b:c', { path: '/w/b:c' }],
    ['/w/b:c:v1', { path: '/w/b:c', selector: 'v1' }],
    ['/w/b:c@sha256:0', { path: '/w/b:c', selector: 'sha256:0' }],
  ])('%s', async (text, expected) => {
    expect(await splitSelector(text, { files })).toEqual(expected);
  });

  it('is refused when nothing of it exists', async () => {
    await expect(splitSelector('/none:v1', { files })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('/none:v1'),
    });
  });
});
