import { describe, expect, it } from '@jest/globals';
import type { ImageInspection } from '../../../src/model/scan.ts';
import { besideSboms } from '../../../src/pipeline/inspect.ts';
import { Progress } from '../../../src/pipeline/progress.ts';
import { aBuiltImage, aPlannedImage } from '../../helpers/a-release.ts';
import { fakeLog } from '../../helpers/fake-log.ts';

const clock = { elapsed: () => 0, now: () => new Date(0), sleep: async () => undefined };
const without: readonly ImageInspection[] = [{ image: aBuiltImage(aPlannedImage('app')), platforms: [] }];
const withSboms: readonly ImageInspection[] = without.map((each) => ({ ...each }));

const later = <T>(value: T) => new Promise<T>((done) => setTimeout(() => done(value), 5));
const failing = (text: string) => later(undefined).then(() => Promise.reject(new Error(text)));

describe('what is done beside SBOMs', () => {
  const run = (work: () => Promise<string>, complete: () => Promise<readonly ImageInspection[]>) => {
    const progress = new Progress({ clock, log: fakeLog() });
    return { progress, ended: besideSboms({ complete }, without, progress, work) };
  };

  it('begins before they are there, and ends with them noted', async () => {
    const events: string[] = [];
    const { progress, ended } = run(
      async () => {
        events.push('work');
        return later('pushed');
      },
      async () => {
        await later(undefined);
        events.push('sboms');
        return withSboms;
      },
    );
    expect(await ended).toEqual({ done: 'pushed', inspections: withSboms });
    expect(progress.release.inspections).toBe(withSboms);
    expect(events).toEqual(['work', 'sboms']);
  });

  it('fails with them, after the work', async () => {
    let isDone = false;
    const { ended } = run(
      async () => {
        await later(undefined);
        isDone = true;
        return 'pushed';
      },
      () => Promise.reject(new Error('no SBOM')),
    );
    await expect(ended).rejects.toThrow('no SBOM');
    expect(isDone).toBe(true);
  });

  it('that fails has them noted, and is what is told', async () => {
    const red = run(
      () => Promise.reject(new Error('the gate is closed')),
      () => later(withSboms),
    );
    await expect(red.ended).rejects.toThrow('the gate is closed');
    expect(red.progress.release.inspections).toBe(withSboms);
    const both = run(
      () => failing('the push was refused'),
      () => failing('no SBOM'),
    );
    await expect(both.ended).rejects.toThrow('the push was refused');
  });
});
