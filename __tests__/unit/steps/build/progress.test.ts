import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { followBuild } from '../../../../src/steps/build/progress.ts';

const T0 = '2026-11-21T15:00:00.000000000Z';
const T1 = '2026-11-21T15:00:02.500000000Z';

const vertex = (digest: string, name: string, more: Record<string, unknown> = {}) =>
  JSON.stringify({ vertexes: [{ digest, name, ...more }] });
const output = (digest: string, text: string) =>
  JSON.stringify({ logs: [{ vertex: digest, stream: 1, data: Buffer.from(text).toString('base64') }] });

function follow(lines: readonly string[], targets: readonly string[] = ['app', 'base']) {
  const printed: string[] = [];
  const progress = followBuild(targets, (line) => printed.push(line));
  for (const line of lines) progress.line(line);
  return { printed, ...progress };
}

describe('the progress of a build', () => {
  it('shows a step once, its output, and how long it took', () => {
    const { printed } = follow([
      vertex('d', '[app 2/2] RUN make'),
      vertex('d', '[app 2/2] RUN make', { started: T0 }),
      vertex('d', '[app 2/2] RUN make', { started: T0 }),
      output('d', 'one\ntwo'),
      output('d', ' more\nthree\n'),
      vertex('d', '[app 2/2] RUN make', { started: T0, completed: T1 }),
    ]);
    expect(printed).toEqual([
      'app | [2/2] RUN make',
      'app |   one',
      'app |   two more',
      'app |   three',
      'app | [2/2] RUN make took 2.5 s',
    ]);
  });

  it('tells of a target when it has been exported, and of none that failed', () => {
    const told: string[] = [];
    const progress = followBuild(
      ['app', 'base'],
      () => undefined,
      new Map(),
      (target) => told.push(target),
    );
    const exporting = (target: string) => `[${target}] exporting to oci image format`;
    for (const line of [
      vertex('b', exporting('base'), { started: T0 }),
      vertex('c', '[app 1/1] COPY a /', { started: T0, completed: T1 }),
      vertex('a', exporting('app'), { started: T0, completed: T1, error: 'no space left' }),
    ])
      progress.line(line);
    expect(told).toEqual([]);
    progress.line(vertex('b', exporting('base'), { started: T0, completed: T1 }));
    expect(told).toEqual(['base']);
  });

  it('tells what the top of an exported target is: the index where it has one, else the manifest', () => {
    const told: (string | undefined)[][] = [];
    const progress = followBuild(
      ['app', 'base', 'bare'],
      () => undefined,
      new Map(),
      (...said) => told.push(said),
    );
    const [amd, arm, index, base] = ['amd', 'arm', 'index', 'base'].map(digestOf);
    const at = (of: string, ...ids: string[]) =>
      progress.line(JSON.stringify({ statuses: ids.map((id) => ({ id, vertex: of, current: 0 })) }));
    at('a', 'exporting layers', `exporting manifest ${amd}`, `exporting manifest list ${index}`);
    at('a', `exporting manifest ${arm}`, `exporting attestation manifest ${base}`);
    at('b', `exporting manifest ${base}`, 'exporting manifest list sha256:short');
    for (const target of ['app', 'base', 'bare'])
      progress.line(
        vertex(target === 'bare' ? 'c' : target[0]!, `[${target}] exporting to oci image format`, {
          started: T0,
          completed: T1,
        }),
      );
    expect(told).toEqual([
      ['app', index],
      ['base', base],
      ['bare', undefined],
    ]);
  });

  it.each<[string, string, readonly string[], string]>([
    ['the target', '[app 1/2] COPY a /', ['app', 'base'], 'app | [1/2] COPY a /'],
    [
      'target, platform and stage',
      '[base linux/arm64 st 1/2] RUN x',
      ['app', 'base'],
      'base | [linux/arm64 st 1/2] RUN x',
    ],
    ['the only target', '[stage-1 1/2] RUN x', ['app'], 'app | [stage-1 1/2] RUN x'],
    ['nobody', '[other 1/2] RUN x', ['app', 'base'], 'build | [other 1/2] RUN x'],
    [
      'base images',
      '[app internal] load metadata for docker.io/library/x:1',
      ['app', 'base'],
      'app | [internal] load metadata for docker.io/library/x:1',
    ],
    ['here-documents', '[app 1/1] RUN <<EOF\n  a\nEOF', ['app', 'base'], 'app | [1/1] RUN <<EOF a EOF'],
  ])('names %s', (_, name, targets, expected) => {
    expect(follow([vertex('d', name, { started: T0 })], targets).printed).toEqual([expected]);
  });

  it.each([
    '[app internal] load build definition from Dockerfile',
    '[internal] load .dockerignore',
    '[app] exporting to oci image format',
    'resolving provenance for metadata file',
  ])('leaves out plumbing, unless it is slow: %s', (name) => {
    const quick = { started: T0, completed: T0 };
    expect(follow([vertex('d', name, { started: T0 }), vertex('d', name, quick)]).printed).toEqual([]);
    expect(follow([vertex('d', name, { started: T0, completed: T1 })]).printed).toHaveLength(1);
  });

  it('says what came from the cache, in one line', () => {
    const cached = { started: T0, completed: T1, cached: true };
    expect(follow([vertex('d', '[app 1/1] RUN x', cached)]).printed).toEqual(['app | [1/1] RUN x (cached)']);
  });

  it('shows warnings of Dockerfile checks', () => {
    const short = Buffer.from('FromAsCasing: as and FROM').toString('base64');
    expect(follow([JSON.stringify({ warnings: [{ vertex: 'd', short }] })]).printed).toEqual([
      'build | Warning: FromAsCasing: as and FROM',
    ]);
  });

  it('survives lines that are not what they seem', () => {
    const lines = ['{', '{"vertexes":7}', '{"logs":[{"vertex":"unknown","data":"YQo="}]}', '[]', ''];
    const { printed, failure } = follow(lines);
    expect(printed).toEqual([]);
    expect(failure().error).toBe('[]');
  });
});

describe('parts of a target', () => {
  const parts = new Map([['web-linux-arm64', { target: 'web', platform: 'linux/arm64' }]]);

  it('are shown, and fail, under the name of their target', () => {
    const printed: string[] = [];
    const progress = followBuild(['web', 'base'], (line) => printed.push(line), parts);
    progress.line(
      vertex('d', '[web-linux-arm64 2/2] RUN make', { started: T0, completed: T0, error: 'exit code: 139' }),
    );
    progress.line('ERROR: target web-linux-arm64: failed to solve: exit code: 139');
    expect(printed[0]).toBe('web | [linux/arm64 2/2] RUN make');
    expect(progress.failure()).toMatchObject({ target: 'web', error: 'exit code: 139' });
    expect(progress.failures()).toMatchObject([{ target: 'web', step: '[linux/arm64 2/2] RUN make' }]);
  });
});

describe('the failures of several targets', () => {
  const failed = (digest: string, name: string, error: string) =>
    vertex(digest, name, { started: T0, completed: T0, error });

  it('are each told with their own lines; what was only cancelled is not', () => {
    const { failures } = follow(
      [
        vertex('d', '[app 2/2] RUN x', { started: T0 }),
        output('d', 'why\n'),
        failed('d', '[app 2/2] RUN x', 'exit code: 7'),
        failed('d', '[base 2/2] RUN x', 'exit code: 7'),
        failed('c', '[lone 1/1] RUN y', 'exit code: 137: context canceled: context canceled'),
        'ERROR: target base: failed to solve: exit code: 7',
      ],
      ['app', 'base', 'lone'],
    );
    expect(failures()).toMatchObject([
      { target: 'app', step: '[2/2] RUN x', error: 'exit code: 7', output: ['why'] },
      { target: 'base', step: '[2/2] RUN x', error: 'exit code: 7', output: ['why'] },
    ]);
  });

  it('are not those of targets whose connection ended with the one that failed', () => {
    const broken = 'rpc error: code = Unavailable desc = error reading from server: EOF';
    const lines = [
      failed('d', '[base internal] load .dockerignore', broken),
      'ERROR: target lost: failed to solve: failed to read dockerfile: open gone: no such file or directory',
    ];
    const { failures, failure } = follow(lines, ['base', 'lost']);
    const expected = {
      target: 'lost',
      error: expect.stringMatching(/^failed to solve: failed to read dockerfile/),
    };
    expect(failures()).toMatchObject([expected]);
    expect(failure()).toMatchObject(expected);
    expect(failure()).not.toHaveProperty('step');
    const gone = follow([...lines.slice(0, 1), `ERROR: target base: failed to solve: ${broken}`]);
    expect(gone.failures()).toMatchObject([{ target: 'base', step: '[internal] load .dockerignore' }]);
  });

  it('may be of one without any step, and of none at all', () => {
    expect(follow(['ERROR: target base: failed to read dockerfile']).failures()).toMatchObject([
      { target: 'base', error: 'failed to read dockerfile' },
    ]);
    expect(follow(['ERROR: no builder']).failures()).toEqual([]);
    expect(follow(['ERROR: target base: context canceled']).failures()).toEqual([]);
  });
});

describe('a failure', () => {
  const failed = (digest: string, name: string, error: string) =>
    vertex(digest, name, { started: T0, completed: T0, error });

  it('is the first step that failed, not those cancelled because of it, with its last lines', () => {
    const { failure, printed } = follow([
      vertex('d', '[app 2/2] RUN x', { started: T0 }),
      output('d', `${Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n')}\nunfinished`),
      failed('c', '[base 1/1] RUN y', 'process "y" did not complete: context canceled'),
      failed('d', '[app 2/2] RUN x', 'exit code: 7'),
      'Dockerfile:3',
      'ERROR: target app: failed to solve: exit code: 7',
    ]);
    const { output: last, ...rest } = failure();
    expect(rest).toEqual({
      target: 'app',
      step: '[2/2] RUN x',
      error: 'exit code: 7',
      said: ['Dockerfile:3', 'ERROR: target app: failed to solve: exit code: 7'],
    });
    expect(last).toHaveLength(21);
    expect(last.slice(-2)).toEqual(['line 29', 'unfinished']);
    expect(printed).toContain('app | [2/2] RUN x failed: exit code: 7');
  });

  it('is what bake said when no step failed', () => {
    expect(follow(['ERROR: target base: failed to solve: no such stage']).failure()).toMatchObject({
      target: 'base',
      error: 'failed to solve: no such stage',
      output: [],
    });
    expect(follow(['ERROR: no builder'], ['app']).failure()).toMatchObject({
      target: 'app',
      error: 'no builder',
    });
    expect(follow(['ERROR: no builder']).failure()).not.toHaveProperty('target');
    expect(follow([]).failure().error).toBe('no message');
  });

  it('of a cache export is none of the build', () => {
    const { cacheErrors } = follow([
      failed('x', '[app] exporting cache to GitHub Actions Cache', 'error writing layer blob: 503\nmore'),
      failed('d', '[app 1/1] RUN x', 'exit code: 1'),
    ]);
    expect(cacheErrors()).toEqual(['error writing layer blob: 503']);
  });
});
