import { createHttp } from '../../src/adapters/http/http.ts';
import { createHlaCompass } from '../../src/adapters/publish/hla-compass/hla-compass.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { MEDIA } from '../../src/model/manifest.ts';
import type { PublishedModule } from '../../src/model/publish.ts';
import type { DigestRef } from '../../src/model/reference.ts';
import type { PublishApi } from '../../src/ports/publish-api.ts';
import type { Referrer, Registry } from '../../src/ports/registry.ts';
import { type Patience, type PublishTask, publishModule } from '../../src/steps/publish/run.ts';
import { type FakeLog, fakeLog } from './fake-log.ts';
import { type QuickClock, quickClock } from './quick-clock.ts';
import { fakeRegistry } from './registry/fake-registry.ts';

export const SUBJECT: Descriptor = { mediaType: MEDIA.ociManifest, digest: digestOf('an image'), size: 8 };
export const IMAGE: DigestRef = {
  repository: { registry: 'ghcr.io', path: 'acme/parser' },
  digest: SUBJECT.digest,
};
export const MANIFEST: JsonObject = { name: 'parser', version: '1.2.3', type: 'no-ui' };

export type NoteBoard = Pick<Registry, 'referrers' | 'attach'> & {
  readonly notes: readonly Referrer[];
  /** The next calls fail. */
  fail(times: number): void;
};

/** The notes beside one image. */
export function noteBoard(): NoteBoard {
  const notes: Referrer[] = [];
  let failures = 0;
  return {
    notes,
    fail(times) {
      failures = times;
    },
    referrers: async () => notes.map(({ descriptor }) => descriptor),
    async attach(_, referrers) {
      if (failures > 0) {
        failures -= 1;
        throw new Error('the registry is away');
      }
      notes.push(...referrers);
      return { by: 'api', listed: notes.map(({ descriptor }) => descriptor) };
    },
  };
}

export function aTask(change: Partial<PublishTask['request']> = {}): PublishTask {
  return {
    image: 'parser',
    descriptor: SUBJECT,
    request: {
      name: 'parser',
      version: '1.2.3',
      image: IMAGE,
      manifest: MANIFEST,
      scope: 'org',
      source: {
        repository: 'Acme/Modules',
        revision: '0'.repeat(40),
        run: 'https://github.com/Acme/Modules/actions/runs/1',
      },
      ...change,
    },
  };
}

/** The adapter of HLA-Compass at an address, whose waits cost no time; a silent server does. */
export function compassAt(url: string, clock: QuickClock = quickClock(), idleMs = 30_000): PublishApi {
  const http = createHttp({ clock, log: fakeLog(), env: {}, random: () => 0.5, idleMs });
  return createHlaCompass({
    platform: { kind: 'hla-compass', env: 'dev', url },
    token: 'access-token',
    http,
  });
}

export type Published = {
  readonly log: FakeLog;
  readonly noted: readonly PublishedModule[];
  readonly clock: QuickClock;
};

/** One run of the step: what came of it, or what it threw. */
export async function publishOnce(
  publishApi: PublishApi,
  board: NoteBoard,
  {
    task = aTask(),
    patience = {},
    clock = quickClock(),
    anonymous = async () => SUBJECT,
  }: {
    readonly task?: PublishTask;
    readonly patience?: Partial<Patience>;
    readonly clock?: QuickClock;
    readonly anonymous?: Registry['resolve'];
  } = {},
): Promise<Published & { readonly module?: PublishedModule; readonly error?: unknown }> {
  const log = fakeLog();
  const noted: PublishedModule[] = [];
  const ports = {
    clock,
    log,
    publishApi,
    registry: { ...fakeRegistry(), referrers: board.referrers, attach: board.attach },
    anonymousRegistry: { resolve: anonymous },
  };
  const known = { wait: true, timeoutSeconds: 60, ...patience };
  try {
    const module = await publishModule(task, known, ports, (each) => noted.push(each));
    return { module, noted, log, clock };
  } catch (error) {
    return { error, noted, log, clock };
  }
}
