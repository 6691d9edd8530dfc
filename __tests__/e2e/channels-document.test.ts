import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentOf } from '../helpers/e2e-bench.ts';
import { type ChannelBench, channelBench, digestsOf, promotionsOf } from './helpers/channel-bench.ts';
import { judge } from './helpers/judges.ts';

/** The records of channels as an artifact of the config, in the shape that installers of others read. */
const NAME = 'containai-metadata';
const TYPE = 'application/vnd.containai.metadata.v1+json';
let bench: ChannelBench;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mr-document-'));
  bench = await channelBench('artifacts:', `  ${NAME}: { type: ${TYPE}, channels-document: true }`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await bench.dispose();
});

/** What oras gets of a tag: the manifest, and the file that it unpacks. */
async function pulled(tag: string) {
  const ref = `${bench.home}/${NAME}:${tag}`;
  const manifest = JSON.parse(await judge('oras', 'manifest', 'fetch', '--plain-http', ref));
  await judge('oras', 'pull', '--plain-http', '--output', join(folder, tag), ref);
  return { manifest, document: JSON.parse(readFileSync(join(folder, tag, 'channels.json'), 'utf8')) };
}

describe('an artifact of the config that holds the records', () => {
  it('has a tag for each channel and one for all, with its types and fields', async () => {
    await bench.release('1.0.0');
    const run = await bench.release('1.1.0');
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'released', channel: 'prod' } });
    expect(promotionsOf(run)).toMatchObject([{ record: { signed: true, serial: 2 } }]);
    const { manifest, document } = await pulled('prod');
    expect(manifest).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: TYPE,
      config: expect.objectContaining({ mediaType: 'application/vnd.oci.empty.v1+json', size: 2 }),
      layers: [
        {
          mediaType: 'application/json',
          digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
          size: expect.any(Number),
          annotations: { 'org.opencontainers.image.title': 'channels.json' },
        },
      ],
      annotations: { 'org.opencontainers.image.created': document.generated_at },
    });
    expect(document).toMatchObject({
      channel: 'prod',
      version: '1.1.0',
      immutable_tag: '1.1.0',
      moving_tags: ['prod', 'latest', '1', '1.1'],
      generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const [one, two] = digestsOf(run);
    expect(document.images).toEqual([
      { image: 'one', repository: `${bench.home}/one`, digest: one },
      { image: 'two', repository: `${bench.home}/two`, digest: two },
    ]);
    const all = await pulled('channels');
    expect(all.manifest).toMatchObject({ artifactType: TYPE, layers: [{ mediaType: 'application/json' }] });
    expect(all.document).toMatchObject({ channels: { prod: { version: '1.1.0', images: document.images } } });
    expect(Object.keys(contentOf(bench.registry)['acme/one']?.tags ?? {}).join(' ')).not.toContain(
      '_channel',
    );
  });

  it('is what promotions and rollbacks go by', async () => {
    const promoted = await bench.move({ command: 'promote', channel: 'stable', from: 'prod' });
    expect(promoted).toMatchObject({ exitCode: 0, outputs: { status: 'promoted' } });
    const back = await bench.move({ command: 'rollback', channel: 'prod' });
    expect(back).toMatchObject({ exitCode: 0, outputs: { status: 'rolled-back' } });
    expect(bench.at('prod')).toEqual(bench.at('1.0.0'));
    const { document } = await pulled('channels');
    expect(document.channels).toMatchObject({
      prod: { version: '1.0.0', kind: 'rollback' },
      stable: { version: '1.1.0' },
    });
    const signed = await bench.move({ command: 'attest' });
    expect(signed).toMatchObject({ exitCode: 0, outputs: { status: 'unchanged' } });
  });
});
