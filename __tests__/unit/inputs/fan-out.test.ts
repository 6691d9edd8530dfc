import { describe, expect, it } from '@jest/globals';
import { AMD64, ARM64 } from '../../helpers/a-release.ts';
import { accepted, CONFIG_FILE, messages, refused, WORKSPACE } from '../../helpers/read-door.ts';

const HEX = 'a'.repeat(64);

describe('runners of the config file', () => {
  it('are a label, labels, or a map, by platform', () => {
    const config = `
runners:
  linux/amd64: ubuntu-latest
  linux/arm64/v8: [self-hosted, arm64, arm64]
  linux/riscv64: { labels: "self-hosted, big board", jobs: 2 }
`;
    expect(accepted({ config }).fanOut.runners).toEqual([
      { platform: AMD64, labels: ['ubuntu-latest'] },
      { platform: ARM64, labels: ['self-hosted', 'arm64'] },
      { platform: { os: 'linux', architecture: 'riscv64' }, labels: ['self-hosted', 'big board'], jobs: 2 },
    ]);
    expect(accepted({ config: 'runners: {}\n' }).fanOut.runners).toEqual([]);
  });

  const LABEL = 'the label of a runner such as ubuntu-latest (at most 256 visible characters)';
  it.each([
    ['linux: x', ['config `runners.linux`: "linux" is not a platform such as linux/amd64 or linux/arm/v7']],
    ['linux/amd64: ', ['config `runners.linux/amd64`: it needs a label, such as `ubuntu-latest`']],
    ['linux/amd64: []', ['config `runners.linux/amd64`: it needs a label, such as `ubuntu-latest`']],
    ['linux/amd64: { jobs: 2 }', ['config `runners.linux/amd64`: it needs a label, such as `ubuntu-latest`']],
    ['linux/amd64: 3', ['config `runners.linux/amd64`: 3 is not a list']],
    ['linux/amd64: [""]', [`config \`runners.linux/amd64\`: "" is not ${LABEL}`]],
    ['linux/amd64: ["a\\u200bb"]', [`config \`runners.linux/amd64\`: "a\\u200bb" is not ${LABEL}`]],
    ['linux/amd64: ["a\\nb"]', [`config \`runners.linux/amd64\`: "a\\nb" is not ${LABEL}`]],
    [
      `linux/amd64: ${'x'.repeat(257)}`,
      [`config \`runners.linux/amd64\`: "${'x'.repeat(79)}…" (257 characters) is not ${LABEL}`],
    ],
    [
      'linux/amd64: { labels: x, jobs: 0 }',
      ['config `runners.linux/amd64.jobs`: 0 is not a whole number from 1 to 256'],
    ],
    [
      'linux/amd64: { labels: x, jobs: "2" }',
      ['config `runners.linux/amd64.jobs`: "2" is not a whole number from 1 to 256'],
    ],
    [
      'linux/amd64: { lables: x }',
      [
        'config `runners.linux/amd64.lables`: there is no such key',
        'config `runners.linux/amd64`: it needs a label, such as `ubuntu-latest`',
      ],
    ],
    [
      'linux/arm64: x, linux/arm64/v8: y',
      ['config `runners.linux/arm64/v8`: the platform linux/arm64 is there already'],
    ],
  ])('cannot be {%s}', (runners, expected) => {
    expect(messages({ config: `runners: { ${runners} }\n` })).toEqual(expected);
  });

  it('are told with their line', () => {
    const config = 'runners:\n  linux/amd64: ubuntu-latest\n  linux/arm64: { labels: x, jobs: 300 }\n';
    expect(refused({ config })[0]?.at).toEqual({ file: CONFIG_FILE, line: 3 });
  });
});

describe('the scope of the gate', () => {
  it.each([
    ['gate: { scope: set }', 'set'],
    ['gate: { scope: shard, severity: [HIGH] }', 'shard'],
    ['', 'shard'],
  ])('of %j is %s', (config, scope) => {
    expect(accepted({ config }).fanOut.scope).toBe(scope);
  });

  it('is one of two words', () => {
    expect(messages({ config: 'gate: { scope: image }' })).toEqual([
      'config `gate.scope`: "image" is not one of shard, set',
    ]);
    expect(messages({ config: 'scope: set' })).toEqual(['config `scope`: there is no such key']);
  });
});

describe('handoffs', () => {
  it('are paths from the working directory, each once, or those of this run', () => {
    const handoff = 'out/a\n/tmp/handoffs/b/handoff.json, artifact\n./out/a/';
    const raw = { handoff, 'working-directory': 'services' };
    expect(accepted({ raw }).fanOut.handoffs).toEqual([
      `${WORKSPACE}/services/out/a`,
      '/tmp/handoffs/b/handoff.json',
      'artifact',
    ]);
  });

  it.each(['release', 'plan', 'build'])('have a meaning for %s', (command) => {
    expect(accepted({ raw: { command, handoff: 'out' } }).fanOut.handoffs).toEqual([`${WORKSPACE}/out`]);
  });

  it('cannot be fetched without the network', () => {
    const raw = { handoff: 'artifact', offline: 'true' };
    expect(messages({ raw })).toEqual(['input `handoff`: "artifact" cannot be used with `offline`']);
    expect(messages({ raw: { ...raw, handoff: 'out/artifact' } })).toEqual([]);
  });
});

describe('digests', () => {
  it.each([[`{"app":"${HEX}"}`], [`{"app":"sha256:${HEX}"}`]])(
    'are as the output gives them: %s',
    (digests) => {
      expect(accepted({ raw: { digests, handoff: 'out' } }).fanOut.digests).toEqual({ app: `sha256:${HEX}` });
    },
  );

  it.each([
    ['{}'],
    ['[]'],
    [`app@sha256:${HEX}`],
    [`sha256:${HEX}`],
    ['{"app":"abc"}'],
    [`{"app":"${HEX}","b":""}`],
    [`{"../app":"${HEX}"}`],
    [`{"app":["${HEX}"`],
  ])('are nothing else: %s', (digests) => {
    const [message, ...more] = messages({ raw: { digests, handoff: 'out' } });
    expect(message).toMatch(
      /^input `digests`: ".*" .*is not a JSON object of image names with 64 hex digits each, such as \{"app":"…"\} of the output `digests`$/,
    );
    expect(more).toEqual([]);
  });

  it('need what they are compared with', () => {
    expect(messages({ raw: { digests: `{"app":"${HEX}"}` } })).toEqual([
      'input `digests`: it needs `handoff`: without one the images are built here, and have new digests',
    ]);
  });
});

describe('command: build', () => {
  const build = (raw: Readonly<Record<string, string>>, config = '') =>
    accepted({ raw: { command: 'build', ...raw }, config });

  it('makes the shard that is named', () => {
    expect(build({ shard: 'base-linux-amd64' }).fanOut).toEqual({
      runners: [],
      scope: 'shard',
      handoffs: [],
      shard: 'base-linux-amd64',
    });
    for (const shard of ['Base', '-x', 'a b', 'x'.repeat(81)])
      expect(messages({ raw: { command: 'build', shard } })).toHaveLength(1);
  });

  it('takes the bytes of another tool as a release does', () => {
    expect(build({ from: 'oci-layout:out' }).build.definition).toMatchObject({
      images: [{ from: { kind: 'oci-layout', path: `${WORKSPACE}/out` } }],
    });
  });

  it.each<[Readonly<Record<string, string>>, string, readonly unknown[], readonly unknown[] | undefined]>([
    [{ platforms: 'linux/arm64' }, 'platforms: [linux/amd64, linux/arm64]', [AMD64, ARM64], [ARM64]],
    [{ platforms: 'linux/arm64' }, '', [ARM64], [ARM64]],
    [{}, 'platforms: [linux/amd64]', [AMD64], undefined],
    // What all jobs are given says the same in all of them.
    [{ platforms: 'linux/arm64', shard: 'all' }, 'platforms: [linux/amd64]', [ARM64], undefined],
    [{ platforms: 'linux/arm64', handoff: 'out' }, 'platforms: [linux/amd64]', [ARM64], undefined],
  ])('with %j and the config %j', (raw, config, whole, narrowed) => {
    const inputs = build(raw, config);
    expect([inputs.build.platforms, inputs.fanOut.platforms]).toEqual([whole, narrowed]);
  });

  it('does not narrow a release', () => {
    const config = 'platforms: [linux/amd64]';
    const inputs = accepted({ raw: { platforms: 'linux/arm64' }, config });
    expect([inputs.build.platforms, inputs.fanOut.platforms]).toEqual([[ARM64], undefined]);
  });
});

it('reports everything that is wrong at once', () => {
  const raw = { command: 'build', shard: 'A', digests: '{', publish: 'true', channel: 'prod' };
  expect(messages({ raw, config: 'runners: { linux: x }\ngate: { scope: all }\n' }).toSorted()).toEqual([
    'config `gate.scope`: "all" is not one of shard, set',
    'config `runners.linux`: "linux" is not a platform such as linux/amd64 or linux/arm/v7',
    'input `channel`: it has no meaning for `command: build`',
    'input `digests`: "{" is not a JSON object of image names with 64 hex digits each, such as {"app":"…"} of the output `digests`',
    'input `digests`: it has no meaning for `command: build`',
    'input `publish`: it has no meaning for `command: build`',
    'input `shard`: "A" is not the name of a shard such as base-linux-amd64',
  ]);
});
