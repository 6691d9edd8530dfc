import { describe, expect, it } from '@jest/globals';
import { MEDIA } from '../../../src/model/manifest.ts';
import type { ImageInspection } from '../../../src/model/scan.ts';
import { knownEvidence } from '../../../src/pipeline/known-evidence.ts';
import type { Ports } from '../../../src/ports/index.ts';
import * as releases from '../../helpers/a-release.ts';
import { someScan } from '../../helpers/an-attestation.ts';
import { type FakeLog, fakeLog } from '../../helpers/fake-log.ts';
import { believing, releasedBench } from '../../helpers/released-bench.ts';
import { AMD64, ARM64, REPOSITORY, verifyBench } from '../../helpers/verify-bench.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const HOUR = 60 * 60 * 1000;
const MIRROR = { ...REPOSITORY, registry: 'mirror.example.com' };

type World = {
  /** When the scans that are there were signed. */
  readonly signedAt?: Date;
  /** Of the platforms of this run. */
  readonly spared?: boolean;
  readonly log?: FakeLog;
  /** What is attached to the image in place of a release's evidence. */
  readonly attached?: readonly string[];
};

/** Of an image at two registries, the second of which has none of it. */
async function known({ signedAt, spared = false, log = fakeLog(), attached }: World) {
  const released = () => releasedBench({ scan: { finishedOn: new Date(NOW.getTime() - HOUR) } });
  const bench = attached === undefined ? released() : verifyBench();
  for (const text of attached ?? []) bench.attach(bench.index.digest, Buffer.from(text));
  const planned = releases.aPlannedImage('base', { repositories: [REPOSITORY, MIRROR] });
  const platforms = [
    { platform: releases.AMD64, descriptor: { mediaType: MEDIA.ociManifest, digest: AMD64, size: 1 } },
    { platform: releases.ARM64, descriptor: { mediaType: MEDIA.ociManifest, digest: ARM64, size: 1 } },
  ];
  const image = releases.aBuiltImage(planned, { origin: 'adopted', platforms });
  const inspection: ImageInspection = {
    image,
    platforms: platforms.map((each) => ({ ...each, findings: [], reports: [] })),
    ...(spared ? { attested: { signedAt: '2026-11-21T10:00:00Z', scanner: someScan().scanner } } : {}),
  };
  const { digest } = bench.index;
  const subjects = [REPOSITORY, MIRROR].map((repository) => ({ repository, digest }));
  const pushed = { ...releases.aTaggedImage(image), platforms, subjects };
  const registry: typeof bench.registry = {
    ...bench.registry,
    referrers: async (subject) =>
      subject.repository.registry === REPOSITORY.registry ? bench.registry.referrers(subject) : [],
  };
  const clock = { now: () => NOW, elapsed: () => 0, sleep: async () => {} };
  const ports = { registry, log, clock } as Pick<Ports, 'registry' | 'log' | 'clock'> as Ports;
  const signing = believing(NOW, { signedAt });
  return knownEvidence({ signing, pushed: [pushed], inspections: [inspection] }, ports);
}

const ago = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);

describe('what is known of an image', () => {
  it('is everything that is proven, with the places that have it', async () => {
    const found = await known({ signedAt: ago(2) });
    expect(found.map(({ kind, subject }) => `${kind} ${subject}`)).toHaveLength(12);
    expect(new Set(found.map(({ kind }) => kind))).toEqual(
      new Set(['provenance', 'cyclonedx', 'spdx', 'scan', 'signature']),
    );
    for (const { at } of found)
      expect(at).toEqual([{ repository: REPOSITORY, digest: expect.stringMatching(/^sha256:/) }]);
  });

  it.each<[string, World, boolean]>([
    ['is known while it is younger than a day', { signedAt: ago(23) }, true],
    ['gives way to that of this run when it is older', { signedAt: ago(25) }, false],
    ['stays known when this run has not scanned again', { signedAt: ago(25), spared: true }, true],
    ['stays known where nothing proves its time', {}, true],
  ])('of it a scan %s', async (_, world, isThere) => {
    const found = await known(world);
    const scans = found.filter(({ kind }) => kind === 'scan');
    expect(scans.map(({ platform }) => platform)).toEqual(isThere ? ['linux/amd64', 'linux/arm64'] : []);
    expect(found.length - scans.length).toBe(10);
  });
});

describe('the log of a look at an image', () => {
  const linesOf = async (world: World): Promise<readonly string[]> => {
    const log = fakeLog();
    await known({ ...world, log });
    return log.lines.map((line) => line.replaceAll(/ \S+@sha256:[0-9a-f]{64}/g, ' IMAGE'));
  };

  it('of a first release says nothing: what is missing is about to be made', async () => {
    const nothing = 'debug: There is no evidence of IMAGE yet.';
    expect(await linesOf({ attached: [] })).toEqual([nothing, nothing]);
  });

  it('that has evidence says how much of it', async () => {
    expect(await linesOf({ signedAt: ago(2) })).toEqual(
      expect.arrayContaining([
        'Attestations of IMAGE that are there and hold: 12.',
        'debug: There is no evidence of IMAGE yet.',
      ]),
    );
  });

  it('that has something else attached says what is wrong with it', async () => {
    expect(await linesOf({ attached: ['no statement'] })).toContain(
      'Some of what is attached to IMAGE does not hold for this run: statement-invalid.',
    );
  });
});
