import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BuiltImage } from '../../src/model/image.ts';
import { type BuildBench, buildBench } from '../helpers/build-bench.ts';

let bench: BuildBench;
/** Gives a file when the image that is ready was told of; after a minute all the same, so that a test can fail. */
let web: Server;
let told: PromiseWithResolvers<void>;

beforeEach(async () => {
  bench = await buildBench();
  await bench.addBusybox('busybox');
  told = Promise.withResolvers();
  setTimeout(told.resolve, 60_000).unref();
  web = createServer((_, response) => void told.promise.then(() => response.end('a file of the web')));
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  web.closeAllConnections();
  await new Promise((done) => web.close(done));
  await bench.dispose();
});

const image = (steps: string) => ({
  context: '.',
  'dockerfile-inline': `FROM scratch\nCOPY busybox /bin/busybox\n${steps}`,
});
const slow = (step = '') => {
  const { port } = web.address() as AddressInfo;
  return image(`ADD http://127.0.0.1:${port}/file /file\n${step}`);
};

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
    staged: ({ planned }: BuiltImage) => {
      events.push(planned.name);
      if (planned.name === 'ready') told.resolve();
    },
  };
}

describe('an image that is ready before the others', () => {
  it('is told of while those are still built', async () => {
    const { events, ports, staged } = watched();
    const built = await bench.build({ target: { slow: slow(), ready: image('') } }, { ports, staged });
    expect(events[0]).toBe('ready');
    // The last one is ready when it has been sent, and bake ends a moment later: either may be first.
    expect(events.toSorted()).toEqual(['end', 'ready', 'slow']);
    expect(built.map(({ planned }) => planned.name)).toEqual(['slow', 'ready']);
  });

  it('is of no use when another one fails', async () => {
    const { events, ports, staged } = watched();
    const failing = bench.build(
      { target: { slow: slow('RUN ["/bin/busybox", "false"]\n'), ready: image('') } },
      { ports, staged },
    );
    await expect(failing).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    expect(events[0]).toBe('ready');
    expect(events).not.toContain('slow');
  });
});
