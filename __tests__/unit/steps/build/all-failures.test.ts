import { describe, expect, it } from '@jest/globals';
import { allFailures, type FailedRound } from '../../../../src/steps/build/all-failures.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

const graph = new Map([
  ['base', []],
  ['runtime', ['base']],
  ['app', ['runtime']],
  ['web', []],
  ['tool', []],
  ['hidden', []],
  ['job', ['hidden']],
]);
const targets = ['base', 'runtime', 'app', 'web', 'tool'];

type Own = Readonly<Record<string, string>>;

/** A round in which these targets failed, each with its error. */
function round(own: Own, exitCode = 1, step = '[1/1] RUN x'): FailedRound {
  const failures = Object.entries(own).map(([target, error]) => ({
    target,
    step,
    error,
    output: [`${target} says why`],
    said: [],
  }));
  const [first] = failures;
  return {
    failures,
    failure: first ?? { error: 'no builder', output: [], said: [] },
    result: { exitCode, stdout: '', stderr: '' },
  };
}

/** Answers what would fail among those asked for, the first of them alone, as bake does. */
async function find(first: FailedRound, fails: Own = {}, names = targets) {
  const asked: string[][] = [];
  const log = fakeLog();
  const tryOthers = async (others: readonly string[]) => {
    asked.push([...others]);
    const next = others.find((name) => fails[name] !== undefined);
    return next === undefined ? undefined : round({ [next]: fails[next] ?? '' });
  };
  const error = await allFailures(first, { targets: names, graph, tryOthers }, { log });
  return { error, asked, log, problems: error.problems.map(({ code, message }) => [code, message]) };
}

describe('the failures of a set', () => {
  it('are all found, and what does not stand on them is still built', async () => {
    const { error, asked, problems, log } = await find(round({ web: 'exit code: 2' }), {
      runtime: 'exit code: 3',
    });
    expect(asked).toEqual([
      ['base', 'runtime', 'app', 'tool'],
      ['base', 'tool'],
    ]);
    expect(problems).toEqual([
      ['BUILD_FAILED', 'the build of web failed at [1/1] RUN x: exit code: 2'],
      ['BUILD_FAILED', 'the build of runtime failed at [1/1] RUN x: exit code: 3'],
      ['BUILD_FAILED', 'app was not built, because its parent runtime failed'],
    ]);
    expect(error.code).toBe('BUILD_FAILED');
    expect(error.cause).toMatchObject({ message: 'web: web says why\nruntime: runtime says why' });
    expect(log.lines.at(-1)).toBe('Built well, and not released because of what failed: base, tool.');
  });

  it('of a parent are shown by its children, and are its own', async () => {
    const { asked, problems } = await find(round({ app: 'exit code: 3', base: 'exit code: 3' }));
    expect(asked).toEqual([['web', 'tool']]);
    expect(problems.map(([, message]) => message)).toEqual([
      'the build of base failed at [1/1] RUN x: exit code: 3',
      'runtime was not built, because its parent base failed',
      'app was not built, because its parent base failed',
    ]);
  });

  it('of a parent that is no image stop its children', async () => {
    const { asked, problems } = await find(round({ hidden: 'exit code: 1' }), {}, ['job', 'web']);
    expect(asked).toEqual([['web']]);
    expect(problems.map(([, message]) => message)).toEqual([
      'the build of hidden failed at [1/1] RUN x: exit code: 1',
      'job was not built, because its parent hidden failed',
    ]);
  });

  it('are one plain error when there is one and nothing stands on it', async () => {
    const { error, asked } = await find(round({ web: 'exit code: 2' }), {}, ['web']);
    expect(asked).toEqual([]);
    expect(error.problems).toHaveLength(1);
    expect(error.message).toBe('the build of web failed at [1/1] RUN x: exit code: 2');
  });

  it.each<[string, FailedRound, string]>([
    [
      'the builder',
      round({ web: 'rpc error: code = Unavailable desc = transport is closing' }),
      'BUILD_FAILED',
    ],
    ['a full disk', round({ web: 'write /x: no space left on device' }), 'DISK_LOW'],
    ['an export', round({ web: 'broken' }, 1, 'exporting to oci image format'), 'BUILD_FAILED'],
    ['a signal', round({ web: 'exit code: 143' }, 143), 'BUILD_FAILED'],
    ['bake itself', round({}), 'BUILD_FAILED'],
    ['the daemon', round({ web: 'Cannot connect to the Docker daemon at unix:///x' }), 'TOOL_MISSING'],
  ])('of %s end the search', async (_, first, code) => {
    const { error, asked } = await find(first);
    expect(asked).toEqual([]);
    expect(error.code).toBe(code);
    expect(error.problems).toHaveLength(1);
  });

  it('that are found before the builder goes are told with it', async () => {
    const gone = { runtime: 'rpc error: code = Unavailable desc = error reading from server: EOF' };
    const { problems, log } = await find(round({ web: 'exit code: 2' }), gone);
    expect(problems.map(([, message]) => message)).toEqual([
      'the build of web failed at [1/1] RUN x: exit code: 2',
      expect.stringContaining('error reading from server'),
    ]);
    expect(log.lines.join('\n')).not.toContain('Built well');
  });
});
