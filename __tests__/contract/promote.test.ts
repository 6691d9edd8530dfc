import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Registry } from '../../src/ports/registry.ts';
import { readChannel } from '../../src/steps/promote/run.ts';
import {
  type ImageSet,
  imageManifest,
  imageNames,
  pushImages,
  versionsAt,
} from '../helpers/promote/images.ts';
import { CHANNEL, homeOf, moveChannel } from '../helpers/promote/move.ts';
import { BACKENDS, type Backend } from '../helpers/registry/backends.ts';
import { testClient } from '../helpers/registry/client.ts';

const VERSIONS = ['1.0.0', '1.1.0'];

describe.each(['the embedded registry, open to all', 'distribution with htpasswd'])(
  'a channel at %s',
  (name) => {
    let backend: Backend;
    let registry: Registry;

    beforeAll(async () => {
      const start = BACKENDS[name];
      if (start === undefined) throw new Error(`no backend: ${name}`);
      backend = await start();
      registry = testClient({ credentials: backend.credentials });
    });

    afterAll(() => backend.stop());

    it.each([1, 7, 50])(
      'of %d images is promoted, rolled back and promoted again, bit for bit',
      async (count) => {
        const set: ImageSet = { host: backend.host, prefix: `set-${count}`, count };
        await pushImages(set, VERSIONS, registry);
        const home = homeOf(set);

        const first = await moveChannel({ set, version: '1.0.0', run: { id: '1', attempt: 1 } }, registry);
        expect(first.status).toBe('moved');
        expect(first.tags).toHaveLength(count);
        expect(first.tags.every(({ outcome, from }) => outcome === 'created' && from === undefined)).toBe(
          true,
        );
        await expectBytes(set, '1.0.0');

        const second = await moveChannel(
          { set, version: '1.1.0', aliases: ['latest'], run: { id: '2', attempt: 1 } },
          registry,
        );
        expect(second.document).toMatchObject({
          channel: CHANNEL,
          version: '1.1.0',
          immutable_tag: '1.1.0',
          moving_tags: [CHANNEL, 'latest'],
          serial: 2,
          previous: 1,
          history: [{ serial: 1, version: '1.0.0' }],
          withdrawn: [],
          generated_at: '2026-11-21T20:46:07Z',
        });
        await expectBytes(set, '1.1.0');

        const back = await moveChannel(
          {
            set,
            version: '1.0.0',
            kind: 'rollback',
            target: 1,
            aliases: ['latest'],
            run: { id: '3', attempt: 1 },
          },
          registry,
        );
        expect(back.tags).toHaveLength(2 * count);
        await expectBytes(set, '1.0.0');
        expect(await versionsAt(set, 'latest', VERSIONS, registry)).toEqual(Array(count).fill('1.0.0'));
        const { document, record, claim } = await readChannel(CHANNEL, home, { registry });
        expect(claim).toBeUndefined();
        expect(record).toEqual(back.record);
        expect(document).toMatchObject({
          serial: 3,
          kind: 'rollback',
          previous: 2,
          withdrawn: [{ version: '1.1.0', immutable_tag: '1.1.0', serial: 3 }],
        });
        expect(document).toEqual(back.document);

        const again = await moveChannel({ set, version: '1.1.0', run: { id: '4', attempt: 1 } }, registry);
        await expectBytes(set, '1.1.0');
        expect(again.document).toMatchObject({ serial: 4, withdrawn: [] });
        expect(again.document.history.map(({ serial }) => serial)).toEqual([3, 2, 1]);

        const same = await moveChannel({ set, version: '1.1.0', run: { id: '5', attempt: 1 } }, registry);
        expect(same.status).toBe('unchanged');
        expect(same.record).toEqual(again.record);
      },
    );

    async function expectBytes(set: ImageSet, version: string): Promise<void> {
      for (const image of imageNames(set)) {
        const repository = { registry: set.host, path: `${set.prefix}/${image}` };
        const held = await registry.getManifest({ repository, tag: CHANNEL });
        expect(Buffer.from(held?.bytes ?? []).toString()).toBe(
          Buffer.from(imageManifest(image, version).bytes).toString(),
        );
        expect(held?.descriptor).toEqual(imageManifest(image, version).descriptor);
      }
    }
  },
);
