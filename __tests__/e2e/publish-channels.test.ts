import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { FAILED } from '../helpers/publish-platform/jobs.ts';
import { type RunningPlatform, startPlatform } from '../helpers/publish-platform/platform.ts';
import { aManifest, aModule, KEY } from './helpers/publish-bench.ts';

/** A release that moves a channel and publishes. */
const CONFIGURATION = [
  'channels: { prod: { when: { tag: "v*" } } }',
  'publish: { env: dev, when: { tag: "v*" } }',
  '',
].join('\n');
const DONE = [{ status: 'completed' }];

let bench: E2eBench;
let platform: RunningPlatform;
beforeAll(async () => {
  bench = await e2eBench();
  platform = await startPlatform();
});
beforeEach(() => {
  platform.jobs.all.length = 0;
  platform.jobs.courses = [DONE];
});
afterAll(async () => {
  await platform.stop();
  await bench.dispose();
});

/** Versions of one module, at a place of their own; each can be released again. */
function aPlace(namespace: string) {
  const checkouts = new Map<string, ReturnType<typeof aModule>>();
  return {
    release(version: string) {
      const checkout =
        checkouts.get(version) ?? aModule(bench, { ...aManifest(), version }, { [CONFIG]: CONFIGURATION });
      checkouts.set(version, checkout);
      const inputs = {
        'publish-url': platform.url,
        'publish-token': platform.token,
        'publish-key': KEY,
        attest: 'false',
        namespace,
      };
      return bench.run(checkout, inputs, { ref: `refs/tags/v${version}` });
    },
    at: (tag: string) => bench.registry.catalogue()[`${namespace}/peptide-counter`]?.tags[tag],
  };
}

const published = (version: string) =>
  platform.jobs.good('peptide-counter', version).map(({ imageRef }) => imageRef.replace(/^.*@/, ''));

describe('a release with a channel that is published', () => {
  it('does both, in this order, and a re-run neither', async () => {
    const place = aPlace('both');
    const run = await place.release('1.2.3');
    expect(run.log).not.toContain('::error');
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { status: 'released', channel: 'prod', 'publish-status': 'published' },
    });
    expect(place.at('prod')).toBe(run.outputs.digest);
    expect(published('1.2.3')).toEqual([run.outputs.digest]);
    const steps = JSON.parse(run.outputs.plan ?? '').steps.map(({ id }: { readonly id: string }) => id);
    expect(steps.filter((id: string) => ['tag', 'promote', 'publish'].includes(id))).toEqual([
      'tag',
      'promote',
      'publish',
    ]);
    const again = await place.release('1.2.3');
    expect(again.outputs).toMatchObject({ status: 'unchanged', 'publish-status': 'unchanged' });
    expect(platform.jobs.all).toHaveLength(1);
  });

  it('has moved the channel when the publish fails, and a re-run publishes once', async () => {
    const place = aPlace('failing');
    platform.jobs.courses = [FAILED, DONE];
    const run = await place.release('1.2.3');
    expect(run).toMatchObject({
      exitCode: 1,
      outputs: {
        'error-code': 'PUBLISH_FAILED',
        'publish-status': 'failed',
        pushed: 'true',
        channel: 'prod',
      },
    });
    expect(run.log).toContain('PUBLISH_FAILED: the intake of peptide-counter 1.2.3 at HLA-Compass dev ended');
    expect(place.at('prod')).toBe(run.outputs.digest);
    expect(published('1.2.3')).toEqual([]);
    const again = await place.release('1.2.3');
    expect(again).toMatchObject({ exitCode: 0, outputs: { 'publish-status': 'published' } });
    expect(place.at('prod')).toBe(run.outputs.digest);
    await place.release('1.2.3');
    expect(published('1.2.3')).toEqual([run.outputs.digest]);
    expect(platform.jobs.all).toHaveLength(2);
  });

  it('is published although its channel is ahead of it, and stays', async () => {
    const place = aPlace('behind');
    const newer = await place.release('1.3.0');
    const run = await place.release('1.2.3');
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { status: 'released', 'publish-status': 'published' },
    });
    expect(run.log).toContain('::notice::The channel prod stays: it is at the higher version 1.3.0');
    expect(place.at('prod')).toBe(newer.outputs.digest);
    expect(published('1.2.3')).toEqual([run.outputs.digest]);
  });
});
