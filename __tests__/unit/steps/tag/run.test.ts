import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PushedImage, TaggedImage } from '../../../../src/model/image.ts';
import { type Encoded, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { ANNOTATION, type PlannedTag } from '../../../../src/model/plan.ts';
import { provenByVerdict } from '../../../../src/model/proven.ts';
import type { Repository } from '../../../../src/model/reference.ts';
import { tagImages } from '../../../../src/steps/tag/run.ts';
import { aBuiltImage, aPlan, aPlannedImage, aTaggedImage, aVerdict } from '../../../helpers/a-release.ts';
import { type FakeLog, fakeLog } from '../../../helpers/fake-log.ts';
import { type FakeRegistry, fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const plan = aPlan();
const VERSION: PlannedTag = { tag: '1.2.3', kind: 'immutable', rule: 'required', from: 'version' };
const SHA: PlannedTag = { tag: 'sha-abc', kind: 'immutable', rule: 'if-free', from: 'commit' };
const LATEST: PlannedTag = { tag: 'latest', kind: 'moving', rule: 'forward', from: 'aliases' };
const DEV: PlannedTag = { tag: 'dev', kind: 'moving', rule: 'always', from: 'channel' };
const BOTH = ['ghcr.io', 'docker.io'];

let registry: FakeRegistry;
let log: FakeLog;

beforeEach(() => {
  registry = fakeRegistry();
  log = fakeLog();
  notes = [];
});

function manifest(name: string, version = '1.2.3', revision = plan.revision): Encoded {
  const annotations = { [ANNOTATION.version]: version, [ANNOTATION.revision]: revision, name };
  const config = encodeJson({}, MEDIA.ociConfig).descriptor;
  const document = { schemaVersion: 2, mediaType: MEDIA.ociManifest, config, layers: [], annotations };
  return encodeJson(document, MEDIA.ociManifest);
}

/** As push leaves it: at its registries by digest. */
function pushed(
  name: string,
  tags: readonly PlannedTag[],
  registries = ['ghcr.io'],
  parents: readonly string[] = [],
): PushedImage {
  const repositories: readonly Repository[] = registries.map((host) => ({
    registry: host,
    path: `acme/${name}`,
  }));
  const top = manifest(name);
  for (const repository of repositories) registry.hold({ repository, digest: top.descriptor.digest }, top);
  const planned = aPlannedImage(name, { repositories, tags, parents });
  const { tags: _, ...image } = aTaggedImage(aBuiltImage(planned, { top: top.descriptor }));
  return image;
}

const at = (name: string, tag: string, host = 'ghcr.io') => ({
  repository: { registry: host, path: `acme/${name}` },
  tag,
});
let notes: (readonly TaggedImage[])[];
const tag = (...images: PushedImage[]) =>
  tagImages(provenByVerdict(images, aVerdict()), plan, { registry, log }, (tagged) => notes.push(tagged));

describe('tagImages', () => {
  it('creates every tag at every registry with the very bytes that were pushed', async () => {
    const image = pushed('app', [VERSION, LATEST], BOTH);
    const [tagged] = await tag(image);
    expect(
      tagged?.tags.map(({ ref, outcome }) => `${ref.repository.registry} ${ref.tag} ${outcome}`),
    ).toEqual([
      'ghcr.io 1.2.3 created',
      'docker.io 1.2.3 created',
      'ghcr.io latest created',
      'docker.io latest created',
    ]);
    for (const host of BOTH)
      for (const name of ['1.2.3', 'latest'])
        expect(registry.manifests.get(`${host}/acme/app:${name}`)).toEqual(manifest('app'));
  });

  it('sets the immutable tags of all images before any moving one', async () => {
    await tag(pushed('one', [LATEST, VERSION]), pushed('two', [DEV, VERSION]));
    const tags = registry.writes.map((line) => /:([\w.]+) /.exec(line)?.[1]);
    expect(tags.slice(0, 2)).toEqual(['1.2.3', '1.2.3']);
    expect(tags.slice(2).sort()).toEqual(['dev', 'latest']);
  });

  it('sets the tags of an image after those of the images that it stands on', async () => {
    const [top, middle, base] = [
      pushed('top', [VERSION, LATEST], BOTH, ['middle']),
      pushed('middle', [VERSION, LATEST], BOTH, ['base']),
      pushed('base', [VERSION, LATEST], BOTH),
    ];
    await tag(top, middle, base);
    const order = registry.writes.map((line) => /acme\/(\w+:[\w.]+) /.exec(line)?.[1]);
    expect(order.filter((_, i) => i % 2 === 0)).toEqual(order.filter((_, i) => i % 2 === 1));
    expect(order.filter((_, i) => i % 2 === 0)).toEqual([
      'base:1.2.3',
      'middle:1.2.3',
      'top:1.2.3',
      'base:latest',
      'middle:latest',
      'top:latest',
    ]);
  });

  it('sets no tag on what stands on an image that could not be tagged, and tells what it did', async () => {
    const images = [
      pushed('base', [VERSION]),
      pushed('middle', [VERSION], ['ghcr.io'], ['base']),
      pushed('top', [VERSION], ['ghcr.io'], ['middle']),
    ];
    registry.fail(/^put ghcr\.io\/acme\/middle/);
    await expect(tag(...images)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(registry.writes).toEqual([`manifest ghcr.io/acme/base:1.2.3 ${images[0]?.descriptor.digest}`]);
    expect(
      notes.at(-1)?.map(({ planned, tags }) => [planned.name, tags.map(({ outcome }) => outcome)]),
    ).toEqual([
      ['base', ['created']],
      ['middle', []],
      ['top', []],
    ]);
  });

  it('tells whenever a tag was set how all of them stand', async () => {
    const image = pushed('app', [SHA, VERSION, LATEST]);
    registry.hold(at('app', 'sha-abc'), manifest('app', '1.0.0'));
    await tag(image);
    expect(notes.map(([one]) => one?.tags.map(({ ref, outcome }) => `${ref.tag} ${outcome}`))).toEqual([
      ['sha-abc kept'],
      ['sha-abc kept', '1.2.3 created'],
      ['sha-abc kept', '1.2.3 created', 'latest created'],
    ]);
  });

  it('moves nothing at all when one immutable tag of one image at one registry is held', async () => {
    const images = [pushed('one', [VERSION, LATEST], BOTH), pushed('two', [VERSION, LATEST], BOTH)];
    registry.hold(at('two', '1.2.3', 'docker.io'), manifest('two', '1.2.3', 'b'.repeat(40)));
    await expect(tag(...images)).rejects.toMatchObject({
      code: 'TAG_IMMUTABLE',
      message: expect.stringMatching(/docker\.io\/acme\/two:1\.2\.3 .*b{40}.*0123456789abcdef/),
    });
    expect(registry.writes).toEqual([]);
  });

  it('leaves alone what another run has set since all tags were read', async () => {
    const image = pushed('app', [VERSION, LATEST]);
    const { getManifest } = registry;
    // What was pushed is read between the two looks at a tag.
    registry.getManifest = (ref) => {
      registry.hold(at('app', '1.2.3'), manifest('another', '1.2.3', 'f'.repeat(40)));
      return getManifest.call(registry, ref);
    };
    await expect(tag(image)).rejects.toMatchObject({
      code: 'TAG_IMMUTABLE',
      message: expect.stringContaining('f'.repeat(40)),
    });
    expect(registry.writes).toEqual([]);
    expect(notes.at(-1)?.[0]?.tags).toEqual([]);
  });

  it('does not take back what a higher version has taken meanwhile', async () => {
    const image = pushed('app', [LATEST]);
    const { getManifest } = registry;
    registry.getManifest = (ref) => {
      registry.hold(at('app', 'latest'), manifest('app', '1.3.0'));
      return getManifest.call(registry, ref);
    };
    const [tagged] = await tag(image);
    expect(tagged?.tags).toMatchObject([{ outcome: 'kept', reason: 'it is at the higher version 1.3.0' }]);
    expect(registry.writes).toEqual([]);
  });

  it('names all conflicts together', async () => {
    const images = [pushed('one', [VERSION]), pushed('two', [VERSION])];
    for (const name of ['one', 'two'])
      registry.hold(at(name, '1.2.3'), manifest(name, '1.2.3', 'b'.repeat(40)));
    await expect(tag(...images)).rejects.toMatchObject({
      problems: [
        { message: expect.stringContaining('acme/one') },
        { message: expect.stringContaining('acme/two') },
      ],
    });
  });

  it('writes nothing the second time', async () => {
    const image = pushed('app', [VERSION, SHA, LATEST, DEV]);
    await tag(image);
    const before = registry.writes.length;
    const [again] = await tag(image);
    expect(again?.tags.map(({ outcome }) => outcome)).toEqual(Array(4).fill('unchanged'));
    expect(registry.writes).toHaveLength(before);
  });

  it('finishes what an earlier run began', async () => {
    const image = pushed('app', [VERSION, LATEST], BOTH);
    registry.hold(at('app', '1.2.3'), manifest('app'));
    const [tagged] = await tag(image);
    expect(tagged?.tags.map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'created',
      'created',
      'created',
    ]);
  });

  it('tells what a moved tag pointed at, and why a tag was left alone', async () => {
    const [old, ahead] = [manifest('old', '1.0.0'), manifest('ahead', '2.0.0')];
    const image = pushed('app', [SHA, LATEST, DEV]);
    registry.hold(at('app', 'sha-abc'), old);
    registry.hold(at('app', 'latest'), ahead);
    registry.hold(at('app', 'dev'), ahead);
    const [tagged] = await tag(image);
    expect(tagged?.tags).toMatchObject([
      { outcome: 'kept', previous: old.descriptor.digest },
      { outcome: 'kept', previous: ahead.descriptor.digest, reason: 'it is at the higher version 2.0.0' },
      { outcome: 'moved', previous: ahead.descriptor.digest },
    ]);
    expect(registry.manifests.get('ghcr.io/acme/app:latest')).toEqual(ahead);
    expect(log.lines).toEqual([
      `The tag ghcr.io/acme/app:sha-abc was left alone: it is held by ${old.descriptor.digest}.`,
      'The tag ghcr.io/acme/app:latest was left alone: it is at the higher version 2.0.0.',
      `The tag ghcr.io/acme/app:dev was moved from ${ahead.descriptor.digest}.`,
    ]);
  });

  it('moves past something that cannot be read', async () => {
    const strange = encodeJson({ schemaVersion: 1, name: 'ancient' }, MEDIA.dockerManifest);
    const image = pushed('app', [LATEST]);
    registry.hold(at('app', 'latest'), strange);
    const [tagged] = await tag(image);
    expect(tagged?.tags).toMatchObject([{ outcome: 'moved', previous: strange.descriptor.digest }]);
  });

  it('has nothing to say about an image without tags', async () => {
    const [tagged] = await tag(pushed('app', []));
    expect(tagged?.tags).toEqual([]);
  });
});
