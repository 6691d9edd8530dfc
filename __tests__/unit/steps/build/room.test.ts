import { describe, expect, it } from '@jest/globals';
import { levelsOf, makeRoom } from '../../../../src/steps/build/room.ts';
import { aPlannedImage } from '../../../helpers/a-release.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const GIB = 1024 ** 3;
const images = (parents: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(parents).map(([name, of]) => [name, aPlannedImage(name, { parents: of })]));
const names = (levels: ReturnType<typeof levelsOf>) => levels.map((level) => [...level.keys()]);

describe('the levels of a set', () => {
  it('have parents before their children, and all that can go together together', () => {
    const set = { app: ['runtime'], lone: [], runtime: ['base'], base: ['elsewhere'], tool: ['base'] };
    expect(names(levelsOf(images(set)))).toEqual([['lone', 'base'], ['runtime', 'tool'], ['app']]);
    expect(levelsOf(images({}))).toEqual([]);
  });

  it('end where a circle begins', () => {
    expect(names(levelsOf(images({ a: ['b'], b: ['a'], c: [] })))).toEqual([['c'], ['a', 'b']]);
  });
});

describe('room for what is exported', () => {
  const builder = { name: 'own', driver: 'docker-container', buildx: '0.29.1', platforms: [] };
  const own = { ...builder, create: { reason: 'x' } };

  it.each<[string, typeof own | typeof builder, number, number]>([
    ['is made of the own builder on a full disk', own, 2 * GIB - 1, 1],
    ['is not needed', own, 2 * GIB, 0],
    ["is never made of somebody else's builder", builder, 1, 0],
  ])('%s', async (_, which, freeBytes, calls) => {
    const ports = {
      exec: fakeExec().on('docker buildx prune --builder own --all --force', {}),
      files: memoryFiles({}, { freeBytes }),
      log: fakeLog(),
    };
    await makeRoom(which, '/stage', ports);
    expect(ports.exec.calls).toHaveLength(calls);
    expect(ports.log.lines).toHaveLength(calls);
  });

  it('that cannot be made ends nothing', async () => {
    const exec = fakeExec().on('docker buildx prune', { exitCode: 1 });
    const log = fakeLog();
    await makeRoom(own, '/stage', { exec, log, files: memoryFiles({}, { freeBytes: GIB }) });
    expect(log.lines).toEqual([
      'Only 1.0 GiB are free, and the cache of the builder of this run could not be emptied.',
    ]);
  });
});
