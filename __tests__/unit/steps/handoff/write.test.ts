import { describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../../../src/model/digest.ts';
import { blobPath } from '../../../../src/model/image.ts';
import { parseHandoff } from '../../../../src/steps/handoff/document.ts';
import { readHandoffs } from '../../../../src/steps/handoff/read.ts';
import { type HandoffDraft, writeHandoff } from '../../../../src/steps/handoff/write.ts';
import { APP, aHandedPlatform, aHandoff, aStagedInspection, BASE } from '../../../helpers/a-handoff.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const FOLDER = '/runner/out/handoff';

async function aDraft(how: 'pushed' | 'beside') {
  const files = memoryFiles();
  const inspections = [await aStagedInspection(BASE, files), await aStagedInspection(APP, files)];
  const { bytes: _, images: __, ...rest } = aHandoff();
  const draft: HandoffDraft = { ...rest, inspections, pushed: how === 'pushed', handed: new Map() };
  return { files, draft, inspections };
}

describe('a handoff of what was pushed', () => {
  it('says of each platform what it is, what it stands on, and what was found out', async () => {
    const { files, draft, inspections } = await aDraft('pushed');
    const { digest } = await writeHandoff(draft, FOLDER, { files });

    const text = files.text(`${FOLDER}/handoff.json`);
    expect(digest).toBe(digestOf(text));
    const [base, app] = parseHandoff(text, 'it').images;
    expect(base).toMatchObject({ repositories: ['ghcr.io/acme/base'], definition: 'definition of base' });
    expect(base!.top).toBe(inspections[0]!.image.top.digest);
    const [baseAmd] = inspections[0]!.platforms;
    const [appAmd] = inspections[1]!.platforms;
    const { bytes } = {
      bytes: files.tree.get(blobPath({ root: '/runner/stage' }, appAmd!.descriptor.digest))!,
    };
    const { config, layers } = JSON.parse(Buffer.from(bytes).toString());
    expect(app!.platforms[0]).toEqual({
      platform: { os: 'linux', architecture: 'amd64' },
      descriptor: appAmd!.descriptor,
      origin: 'built',
      // The layer that is there twice counts once.
      size: bytes.byteLength + config.size + layers[0].size,
      parents: { base: baseAmd!.descriptor.digest },
      packages: 42,
      reports: [
        {
          kind: 'scan',
          file: 'app-linux-amd64.trivy.json',
          digest: digestOf('the scan of app-amd64'),
        },
      ],
    });
    expect(app!.platforms.map(({ parents }) => parents.base)).toEqual(
      inspections[0]!.platforms.map(({ descriptor }) => descriptor.digest),
    );
  });

  it('has the reports beside it, no bytes, and nothing of an earlier one', async () => {
    const { files, draft } = await aDraft('pushed');
    await files.write(`${FOLDER}/reports/old.trivy.json`, 'old');
    await writeHandoff(draft, FOLDER, { files });
    expect(await files.list(FOLDER)).toEqual(['handoff.json', 'reports']);
    expect(await files.list(`${FOLDER}/reports`)).toEqual([
      'app-linux-amd64.trivy.json',
      'app-linux-arm64.trivy.json',
      'base-linux-amd64.trivy.json',
      'base-linux-arm64.trivy.json',
    ]);
  });

  it('names no index of an image whose other platforms are made elsewhere', async () => {
    const { files, draft, inspections } = await aDraft('pushed');
    const [{ image, platforms }] = [inspections[0]!];
    const part = { image: { ...image, planned: { ...image.planned, partial: true as const } }, platforms };
    const { handoff } = await writeHandoff({ ...draft, inspections: [part] }, FOLDER, { files });
    expect(handoff.images[0]!.top).toBeUndefined();
  });

  it('names no parent that the shard does not have', async () => {
    const { files, draft, inspections } = await aDraft('pushed');
    const alone = { ...draft, inspections: [inspections[1]!] };
    const { handoff } = await writeHandoff(alone, FOLDER, { files });
    expect(handoff.images[0]!.platforms.map(({ parents }) => parents)).toEqual([{}, {}]);
  });
});

it('what another shard has handed over keeps its origin and its parents', async () => {
  const { files, draft, inspections } = await aDraft('pushed');
  const app = { ...inspections[1]!, image: { ...inspections[1]!.image, origin: 'brought' as const } };
  const [one, other] = app.platforms.map(({ descriptor, platform }) => ({
    ...aHandedPlatform('app', platform, { descriptor }),
    handoff: aHandoff(),
    folder: '/other',
    repositories: [],
  }));
  const handed = new Map([
    [
      'app',
      [
        { ...one!, trust: 'built' as const },
        { ...other!, trust: 'digests' as const },
      ],
    ],
  ]);
  const { handoff } = await writeHandoff({ ...draft, inspections: [app], handed }, FOLDER, { files });
  expect(handoff.images[0]!.platforms.map(({ origin, parents }) => [origin, parents])).toEqual([
    ['built', one!.parents],
    ['brought', other!.parents],
  ]);
});

describe('a handoff of what has not left the runner', () => {
  it('has every blob beside it, as a file of its own', async () => {
    const { files, draft, inspections } = await aDraft('beside');
    const layer = digestOf('layer of app-amd64');
    const place = blobPath({ root: '/runner/stage' }, layer);
    await files.move(place, '/kept/layer');
    await files.link('/kept/layer', place);

    const { handoff } = await writeHandoff(draft, FOLDER, { files });

    expect(handoff.bytes).toBe('beside');
    expect(handoff.images.map(({ repositories, top }) => [repositories, top])).toEqual([
      [[], undefined],
      [[], undefined],
    ]);
    const blobs = await files.list(`${FOLDER}/blobs/sha256`);
    // Of four platforms manifest, layer and configuration, which the two images share.
    expect(blobs).toHaveLength(4 + 4 + 2);
    for (const hex of blobs) expect(hexOf(await files.hash(`${FOLDER}/blobs/sha256/${hex}`))).toBe(hex);
    expect([...files.links.keys()].filter((path) => path.startsWith(FOLDER))).toEqual([]);
    const index = JSON.parse(files.text(`${FOLDER}/index.json`));
    expect(index.manifests.map((each: { digest: string }) => each.digest)).toEqual(
      inspections.flatMap(({ platforms }) => platforms.map(({ descriptor }) => descriptor.digest)),
    );
  });
});

describe('a folder whose writer was killed', () => {
  it('is no handoff', async () => {
    const { files, draft } = await aDraft('pushed');
    await writeHandoff(draft, FOLDER, { files });
    await files.move(`${FOLDER}/handoff.json`, `${FOLDER}/handoff.json.part`);
    await expect(readHandoffs([FOLDER], { files })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});
