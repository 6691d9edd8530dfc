import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type BuildBench, buildBench } from '../helpers/build-bench.ts';

let bench: BuildBench;

beforeEach(async () => {
  bench = await buildBench();
  await bench.addBusybox('sh');
});
afterEach(() => bench.dispose());

const inline = (from: string, step: string, more: Readonly<Record<string, unknown>> = {}) => ({
  context: '.',
  'dockerfile-inline': `FROM ${from}\nCOPY --chmod=755 sh /bin/sh\nRUN ${step}\n`,
  ...more,
});
const on = (parent: string) => ({ contexts: { parent: `target:${parent}` } });

/** What tells one run from another, so that no step comes from the cache of the machine. */
const fresh = `: ${process.pid}-${Date.now()}`;

/** The targets of each call of bake. */
function watched() {
  const calls: string[] = [];
  const { exec } = bench.ports;
  const run = (command: Parameters<typeof exec.run>[0]) => {
    if (command.args.includes('bake') && !command.args.includes('--print'))
      calls.push(command.args.slice(command.args.indexOf('--') + 1).join(' '));
    return exec.run(command);
  };
  return { calls, ports: { ...bench.ports, exec: { ...exec, run } } };
}

describe('a large set', () => {
  it('is built once, and exported in two calls with the parents first', async () => {
    const { calls, ports } = watched();
    const leaves = ['a', 'b', 'c', 'd', 'e'];
    await bench.write(Object.fromEntries(leaves.map((name) => [name, name])));
    const leaf = (name: string) => ({
      context: '.',
      'dockerfile-inline': `FROM parent\nCOPY ${name} /own\n`,
    });
    const target = {
      base: inline('scratch', `${fresh} && echo once && echo base > /made`),
      ...Object.fromEntries(leaves.map((name) => [name, { ...leaf(name), ...on('base') }])),
    };
    const built = await bench.build({ target }, { ports });
    expect(calls).toEqual(['base a b c d e', 'base a b c d e']);
    expect(built.map(({ planned }) => planned.name)).toEqual(['base', ...leaves]);
    const layers = [];
    for (const { top } of built)
      layers.push(((await bench.blob(top.digest)) as { layers: { digest: string }[] }).layers);
    const [base = [], ...others] = layers.map((of) => of.map(({ digest }) => digest));
    for (const other of others) expect(other.slice(0, -1)).toEqual(base);
    // What was built in the first call is not built again.
    expect(bench.ports.log.lines.filter((line) => /\| {3}once$/.test(line))).toHaveLength(1);
    expect(new Set(others.map((other) => other.at(-1))).size).toBe(leaves.length);
  });
});

describe('a set of which several fail, built by the real buildx', () => {
  it('names each of them, what stands on them, and builds the rest', async () => {
    const { calls, ports } = watched();
    const document = {
      target: {
        base: inline('scratch', `${fresh} && echo base > /made`),
        broken: inline('parent', `${fresh}; echo I am broken; exit 3`, on('base')),
        above: inline('parent', 'true', on('broken')),
        fine: inline('parent', `${fresh} && sleep 2 && echo fine > /made`, on('base')),
        lost: { context: '.', dockerfile: 'no-such-file' },
      },
    };
    const error = await bench.build(document, { ports }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'BUILD_FAILED' });
    const { problems, cause } = error as { problems: { message: string }[]; cause: Error };
    expect(problems.map(({ message }) => message).sort()).toEqual([
      'above was not built, because its parent broken failed',
      expect.stringMatching(/^the build of broken failed at \[\d\/3\] RUN .*: .*exit code: 3$/),
      expect.stringMatching(/^the build of lost failed: .*no-such-file/),
    ]);
    expect(cause.message).toContain('broken: I am broken');
    expect(calls[0]).toBe('base broken above fine lost');
    expect(calls.at(-1)).toBe('base fine');
    const log = bench.ports.log.lines;
    expect(log).toContain('Built well, and not released because of what failed: base, fine.');
    expect(log.some((line) => /^fine \| \[\d\/3\] RUN/.test(line))).toBe(true);
  });
});
