import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuiltImage } from '../../src/model/image.ts';
import { type BuildBench, buildBench } from '../helpers/build-bench.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
  await bench.addBusybox('busybox');
});
afterEach(() => bench.dispose());

const image = (steps: string) => ({
  context: '.',
  'dockerfile-inline': `FROM scratch\nCOPY busybox /bin/busybox\n${steps}`,
});
const slow = (command: string) => image(`RUN ["/bin/busybox", "sh", "-c", "${command}"]\n`);

/** When the images were told of, and when bake ended. */
function watched() {
  const events: string[] = [];
  const { exec } = bench.ports;
  const run: typeof exec.run = async (command) => {
    const result = await exec.run(command);
    if (command.args[1] === 'bake' && !command.args.includes('--print')) events.push('end');
    return result;
  };
  return {
    events,
    ports: { ...bench.ports, exec: { ...exec, run } },
    staged: ({ planned }: BuiltImage) => void events.push(planned.name),
  };
}

describe('an image that is ready before the others', () => {
  it('is told of while those are still built', async () => {
    const { events, ports, staged } = watched();
    const built = await bench.build(
      { target: { slow: slow('/bin/busybox sleep 3'), ready: image('') } },
      { ports, staged },
    );
    expect(events).toEqual(['ready', 'end', 'slow']);
    expect(built.map(({ planned }) => planned.name)).toEqual(['slow', 'ready']);
  });

  it('is of no use when another one fails', async () => {
    const { events, ports, staged } = watched();
    const failing = bench.build(
      { target: { slow: slow('/bin/busybox sleep 3; exit 1'), ready: image('') } },
      { ports, staged },
    );
    await expect(failing).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    expect(events[0]).toBe('ready');
    expect(events).not.toContain('slow');
  });
});
