import { describe, expect, it } from '@jest/globals';
import { digestOf, hexOf } from '../../../src/model/digest.ts';
import { accepted, CONFIG_FILE, messages, refused } from '../../helpers/read-door.ts';

const PROMOTE = { command: 'promote', channel: 'prod', from: '1.2.3' };
const [A, B] = [digestOf('a'), digestOf('b')];

describe('channels in the config file', () => {
  const config = [
    'channels:',
    '  dev: { when: { branch: main } }',
    '  edge: { when: { branch: [main, "release/*"] } }',
    '  nightly: { when: schedule }',
    '  beta: { when: { tag: "v*" }, prerelease: true }',
    '  prod: { when: { tag: "v*" }, aliases: [latest, minor], history: 20 }',
    '  stable: { when: manual }',
  ].join('\n');

  it('are read in their order, with what follows from their rule', () => {
    const none = { branches: [], tags: [], schedule: false };
    expect(accepted({ config }).channels.rules).toEqual([
      { name: 'dev', when: { ...none, branches: ['main'] }, prerelease: true, aliases: [], history: 50 },
      {
        name: 'edge',
        when: { ...none, branches: ['main', 'release/*'] },
        prerelease: true,
        aliases: [],
        history: 50,
      },
      { name: 'nightly', when: { ...none, schedule: true }, prerelease: true, aliases: [], history: 50 },
      { name: 'beta', when: { ...none, tags: ['v*'] }, prerelease: true, aliases: [], history: 50 },
      {
        name: 'prod',
        when: { ...none, tags: ['v*'] },
        prerelease: false,
        aliases: ['latest', 'minor'],
        history: 20,
      },
      { name: 'stable', when: none, prerelease: false, aliases: [], history: 50 },
    ]);
  });

  it.each([
    ['1.2.3: { when: manual }', 'channels.1.2.3', 'not the name of a channel'],
    ['sha-x: { when: manual }', 'channels.sha-x', 'not the name of a channel'],
    ['previous: { when: manual }', 'channels.previous', 'not the name of a channel'],
    ['a b: { when: manual }', 'channels.a b', 'not the name of a channel'],
    ['prod: {}', 'channels.prod', 'it needs a `when`'],
    ['prod: { when: always }', 'channels.prod.when', 'one of schedule, manual'],
    ['prod: { when: { brunch: main } }', 'channels.prod.when.brunch', 'there is no such key'],
    ['prod: { when: { branch: refs/heads/main } }', 'channels.prod.when.branch', 'a name such as main'],
    ['prod: { when: { tag: "v?" } }', 'channels.prod.when.tag', 'a name such as v*'],
    ['prod: { when: manual, aliases: [newest] }', 'channels.prod.aliases', 'one of latest, major, minor'],
    [
      'prod: { when: manual, environment: ".." }',
      'channels.prod.environment',
      'one line of at most 255 visible characters',
    ],
    [
      'prod: { when: manual, environment: "a\\nb" }',
      'channels.prod.environment',
      'the name of an environment of GitHub',
    ],
    [
      'prod: { when: manual, environment: "a\\u202eb" }',
      'channels.prod.environment',
      'the name of an environment of GitHub',
    ],
    [
      `prod: { when: manual, environment: ${'x'.repeat(256)} }`,
      'channels.prod.environment',
      'the name of an environment of GitHub',
    ],
    ['prod: { when: manual, environment: [a, b] }', 'channels.prod.environment', 'not text'],
    ['prod: { when: manual, history: 0 }', 'channels.prod.history', 'a whole number from 1 to 1000'],
    ['prod: { when: manual, history: many }', 'channels.prod.history', 'a whole number from 1 to 1000'],
  ])('%s is told at its place', (channel, place, message) => {
    const [problem, ...more] = refused({ config: `channels:\n  ${channel}\n` });
    expect(problem?.message).toContain(`config \`${place}\`: `);
    expect(problem?.message).toContain(message);
    expect(problem?.at).toEqual({ file: CONFIG_FILE, line: 2 });
    expect(more).toEqual([]);
  });

  it('do not share an alias', () => {
    const two = 'channels:\n  a: { when: manual, aliases: latest }\n  b: { when: manual, aliases: latest }\n';
    expect(messages({ config: two })).toEqual([
      'config `channels.b.aliases`: "latest" belongs to the channel "a" already',
    ]);
    const named = 'channels:\n  latest: { when: manual }\n  b: { when: manual, aliases: [latest] }\n';
    expect(messages({ config: named })).toEqual([
      'config `channels.b.aliases`: "latest" belongs to the channel "latest" already',
    ]);
  });

  it('have an environment of GitHub each, as it is written', () => {
    const some = ['production', 'Stable / EU 🚀', 'x'.repeat(255)];
    const lines = some.map((name, i) => `  c${i}: { when: manual, environment: "${name}" }\n`);
    const { rules } = accepted({ config: `channels:\n${lines.join('')}  none: { when: manual }\n` }).channels;
    expect(rules.map(({ environment }) => environment)).toEqual([...some, undefined]);
  });

  it('do not share an environment, whose case GitHub ignores', () => {
    const two =
      'channels:\n  a: { when: manual, environment: Prod }\n  b: { when: manual, environment: prod }\n';
    expect(messages({ config: two })).toEqual([
      'config `channels.b.environment`: "prod" belongs to the channel "a" already',
    ]);
  });

  it('say their aliases themselves', () => {
    expect(messages({ config: `${config}\naliases: latest\n` })).toEqual([
      'config `aliases`: it cannot stand beside `channels`: each channel says it there',
    ]);
    expect(accepted({ config, raw: { aliases: 'major' } }).channels.aliases).toEqual(['major']);
    expect(accepted({ config: 'aliases: [latest]\n' }).channels.aliases).toEqual(['latest']);
  });
});

describe('what is promoted', () => {
  it.each([
    ['1.2.3', { kind: 'name', name: '1.2.3' }],
    ['v1.2.3', { kind: 'name', name: '1.2.3' }],
    ['1.2.3+5', { kind: 'name', name: '1.2.3+5' }],
    ['dev', { kind: 'name', name: 'dev' }],
    [`sha-${'a'.repeat(40)}`, { kind: 'name', name: `sha-${'a'.repeat(40)}` }],
    [A, { kind: 'digests', digests: [{ digest: A }] }],
    [`one@${A}`, { kind: 'digests', digests: [{ image: 'one', digest: A }] }],
    [
      `one@${A}\ntwo@${B}\n`,
      {
        kind: 'digests',
        digests: [
          { image: 'one', digest: A },
          { image: 'two', digest: B },
        ],
      },
    ],
    [
      JSON.stringify({ one: hexOf(A), two: B }),
      {
        kind: 'digests',
        digests: [
          { image: 'one', digest: A },
          { image: 'two', digest: B },
        ],
      },
    ],
    [
      `ghcr.io/acme/one:1.2.3, docker.io/acme/two@${B}`,
      {
        kind: 'references',
        references: [
          { repository: { registry: 'ghcr.io', path: 'acme/one' }, tag: '1.2.3' },
          { repository: { registry: 'docker.io', path: 'acme/two' }, digest: B },
        ],
      },
    ],
  ])('%j', (from, expected) => {
    expect(accepted({ raw: { ...PROMOTE, from } }).channels.from).toEqual(expected);
    expect(accepted({ raw: { command: 'rollback', channel: 'prod', to: from } }).channels.to).toEqual(
      expected,
    );
  });

  it('may carry the prefix of its git tag', () => {
    const raw = { ...PROMOTE, 'tag-prefix': 'my-module/v', from: 'my-module/v1.2.3' };
    expect(accepted({ raw }).channels.from).toEqual({ kind: 'name', name: '1.2.3' });
  });

  it.each([
    'one two',
    'a b@c',
    `one@${A}\none@${B}`,
    `one@${A} two`,
    'sha256:abc',
    '{"one": 1}',
    '{"One": "x"}',
    '{}',
    '{',
    `acme/one@${A}\nother/one@${B}`,
    '-x',
  ])('%j names nothing', (from) => {
    expect(messages({ raw: { ...PROMOTE, from } })).toEqual([expect.stringContaining('is not a version')]);
  });

  it('is no source of a build, which the config file may have', () => {
    const config = 'from: oci-layout:out\n';
    const inputs = accepted({ raw: PROMOTE, config });
    expect(inputs.build.definition).toMatchObject({ images: [{ from: { kind: 'oci-layout' } }] });
    const set = 'images: { a: { context: . } }\n';
    expect(accepted({ raw: PROMOTE, config: set }).channels.from).toEqual({ kind: 'name', name: '1.2.3' });
  });
});

describe('commands that move channels', () => {
  it.each([
    [{ command: 'promote', from: '1.2.3' }, 'input `command`: "promote" needs a `channel`'],
    [
      { command: 'promote', channel: 'prod' },
      'input `command`: "promote" needs a `from`: the release to promote',
    ],
    [{ command: 'rollback' }, 'input `command`: "rollback" needs a `channel`'],
    [{ ...PROMOTE, to: '1.2.2' }, 'input `to`: it has no meaning for `command: promote`'],
    [
      { command: 'rollback', channel: 'prod', from: 'oci-layout:x' },
      'input `from`: it has no meaning for `command: rollback`',
    ],
    [{ ...PROMOTE, from: 'previous' }, 'input `from`: "previous" is what `rollback` goes back to'],
    [{ ...PROMOTE, platforms: 'linux/amd64' }, 'input `platforms`: it has no meaning for `command: promote`'],
    [{ to: '1.2.2' }, 'input `to`: it has no meaning for `command: release`'],
    [{ command: 'verify', channel: 'prod' }, 'input `channel`: it has no meaning for `command: verify`'],
    [{ channel: '1.2' }, 'input `channel`: "1.2" is not the name of a channel such as prod or nightly'],
  ])('%j', (raw, message) => {
    expect(messages({ raw })).toEqual([message]);
  });

  it.each([
    ['workflow_dispatch', {}, ['input `force`: "true" needs a `reason`']],
    [
      'push',
      { reason: 'why' },
      ['input `force`: "true" is allowed only by workflow_dispatch, and this event is push'],
    ],
    ['workflow_dispatch', { reason: 'two\nlines' }, [expect.stringContaining('one line of at most 500')]],
    ['workflow_dispatch', { reason: 'CVE-2026-1 in 1.6.0' }, []],
  ])('are forced by a person with a reason: %s, %j', (eventName, more, expected) => {
    expect(messages({ raw: { ...PROMOTE, force: 'true', ...more }, eventName })).toEqual(expected);
  });

  it('cannot be forced by the config file', () => {
    expect(messages({ config: 'force: true\n' })).toEqual([
      'config `force`: it may not stand in the config file',
    ]);
  });
});
