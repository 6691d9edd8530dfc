import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../src/model/digest.ts';
import { type BuiltImage, blobPath } from '../../src/model/image.ts';
import type { Command } from '../../src/ports/exec.ts';
import { type BenchPorts, type BuildBench, buildBench, layerFiles } from '../helpers/build-bench.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
  await bench.write({ base: 'base', ...Object.fromEntries(CHILDREN.map((name) => [name, name])) });
});
afterEach(() => bench.dispose());

const CHILDREN = ['one', 'two', 'three', 'four', 'five', 'six'];
const NAMES = ['base', ...CHILDREN];

const document = {
  target: {
    base: { context: '.', 'dockerfile-inline': 'FROM scratch\nCOPY base /\n' },
    ...Object.fromEntries(
      CHILDREN.map((name) => [
        name,
        {
          context: '.',
          'dockerfile-inline': `FROM base\nCOPY ${name} /\n`,
          contexts: { base: 'target:base' },
        },
      ]),
    ),
  },
};

/** The ports of the bench, where something happens before each call of bake but the first; `calls` counts them. */
function interrupted(before: (command: Command) => Promise<Command>) {
  const events: string[] = [];
  const { exec } = bench.ports;
  const run = async (command: Command) => {
    if (command.args[1] !== 'bake' || command.args.includes('--print')) return exec.run(command);
    const isLater = events.includes('begin');
    events.push('begin');
    const result = await exec.run(isLater ? await before(command) : command);
    events.push('end');
    return result;
  };
  const ports: BenchPorts = { ...bench.ports, exec: { ...exec, run } };
  const staged = ({ planned }: BuiltImage): void => void events.push(planned.name);
  return { events, ports, staged };
}

async function layersOf(image: BuiltImage): Promise<readonly Digest[]> {
  const { layers } = (await bench.blob(image.top.digest)) as { layers: readonly { digest: Digest }[] };
  return layers.map(({ digest }) => digest);
}

describe('a set that is worth two calls of bake', () => {
  it.each([false, true])('is told of image by image, once each (materials: %s)', async (materials) => {
    const { events, ports, staged } = interrupted(async (command) => {
      // Long enough for the base to be taken: it does not wait for the call.
      while (!events.includes('base')) await new Promise((done) => setTimeout(done, 5));
      return command;
    });
    const built = await bench.build(document, { ports, staged, materials });
    expect(events.slice(0, 4)).toEqual(['begin', 'end', 'begin', 'base']);
    // The others come as they are exported, some of them before the call ends.
    expect(events.slice(4).sort()).toEqual([...CHILDREN, 'end'].sort());
    expect(built.map(({ planned }) => planned.name)).toEqual(NAMES);
    expect(readdirSync(bench.store.root)).not.toContain('raw');
    const [base, ...children] = await Promise.all(built.map(layersOf));
    for (const layers of children) expect(layers.slice(0, -1)).toEqual(base);
  });

  it('stands on the base of the last call, when the builder has made it anew', async () => {
    const { events, ports, staged } = interrupted(async (command) => {
      while (!events.includes('base')) await new Promise((done) => setTimeout(done, 5));
      await bench.write({ base: 'another base' });
      return command;
    });
    const told: BuiltImage[] = [];
    const built = await bench.build(document, {
      ports,
      staged: (image) => {
        told.push(image);
        staged(image);
      },
    });
    expect(events.slice(0, 4)).toEqual(['begin', 'end', 'begin', 'base']);
    expect(events.slice(4).sort()).toEqual([...NAMES, 'end'].sort());
    expect(told[0]!.top.digest).not.toBe(built[0]!.top.digest);
    expect(new Set(told.slice(1))).toEqual(new Set(built));
    const [base, ...children] = await Promise.all(built.map(layersOf));
    for (const layers of children) expect(layers.slice(0, -1)).toEqual(base);
    expect(layerFiles(blobPath(bench.store, base![0]!))).toEqual(['base']);
  });

  it('begins again without a cache that cannot be set up, and tells of no image twice', async () => {
    const { events, ports, staged } = interrupted(async (command) => command);
    const cacheTo = ['type=gha,version=2,url_v2=http://127.0.0.1:9/,token=no-token'];
    const built = await bench.build(document, { ports, staged, inputs: { cacheTo } });
    expect(built.map(({ planned }) => planned.name)).toEqual(NAMES);
    expect(ports.log.lines.join('\n')).toContain('The build cache cannot be used');
    expect(events.filter((event) => event === 'begin')).toHaveLength(4);
    expect(events.filter((event) => NAMES.includes(event)).sort()).toEqual([...NAMES].sort());
  });

  it('fails with what the second call says, after what runs beside it has ended', async () => {
    const { events, ports, staged } = interrupted(async (command) => {
      await bench.write({ two: 'changed' });
      return { ...command, args: [...command.args, 'no-such-target'] };
    });
    await expect(bench.build(document, { ports, staged })).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    const then = [...events];
    await new Promise((done) => setTimeout(done, 200));
    expect(events).toEqual(then);
    expect(events.filter((event) => NAMES.includes(event))).toEqual(['base']);
  });
});
