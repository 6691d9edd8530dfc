import { describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import type { Registry } from '../../src/ports/registry.ts';
import { aReferrer } from '../helpers/a-signed.ts';
import { aTask, compassAt, type NoteBoard, publishOnce, SUBJECT } from '../helpers/publish-bench.ts';
import { startPlatform } from '../helpers/publish-platform/platform.ts';
import { BACKENDS, type Backend } from '../helpers/registry/backends.ts';
import { testClient } from '../helpers/registry/client.ts';

const PLACES: Readonly<Record<string, () => Promise<Backend>>> = {
  ...BACKENDS,
  'distribution, open to all': async () => ({ ...(await startDistribution()), credentials: [] }),
};

const asBoard = (registry: Registry): NoteBoard => ({
  attach: (...given) => registry.attach(...given),
  referrers: (...given) => registry.referrers(...given),
  notes: [],
  fail: () => {},
});

/** An image that is there: what refers to another one is one, too. */
async function anImage(registry: Registry, host: string) {
  const repository = { registry: host, path: 'acme/parser' };
  const there = aReferrer(SUBJECT);
  await registry.attach({ repository, digest: SUBJECT.digest }, [there]);
  const { descriptor } = there.manifest;
  return { image: { repository, digest: descriptor.digest }, descriptor };
}

describe.each(Object.entries(PLACES))('beside an image at %s', (_, start) => {
  it('it stands that the image was published, for a run on another machine; and strangers are told from friends', async () => {
    const [backend, platform] = await Promise.all([start(), startPlatform()]);
    const { host, credentials } = backend;
    try {
      const registry = testClient({ credentials });
      const { image, descriptor } = await anImage(registry, host);
      const task = { ...aTask({ image }), descriptor };
      const publish = () => {
        const own = testClient({ credentials });
        const stranger = testClient();
        return publishOnce(compassAt(platform.url), asBoard(own), {
          task,
          anonymous: (ref) => stranger.resolve(ref),
        });
      };
      const first = await publish();
      expect(first.error).toBeUndefined();
      expect(first.module).toMatchObject({ outcome: 'published' });
      const warnings = first.log.lines.filter((line) => line.startsWith('warning: '));
      expect(warnings).toEqual(
        credentials.length === 0
          ? []
          : [expect.stringMatching(/Nobody can pull .* read-only credential for/)],
      );
      const second = await publish();
      expect(second.module).toMatchObject({ outcome: 'unchanged', job: { id: first.module?.job?.id } });
      expect(platform.publishes()).toHaveLength(1);
    } finally {
      await Promise.all([backend.stop(), platform.stop()]);
    }
  });
});
