import { describe, expect, it } from '@jest/globals';
import { accepted, messages } from '../../helpers/read-door.ts';

const SUBJECT = { subject: 'ghcr.io/acme/app:1.2.3' };

describe('inputs without a meaning for the command', () => {
  it.each([
    [{ command: 'release', ...SUBJECT }, ['input `subject`: it has no meaning for `command: release`']],
    [{ command: 'plan', record: 'release.json' }, ['input `record`: it has no meaning for `command: plan`']],
    [{ ...SUBJECT }, ['input `subject`: it has no meaning for `command: release`']],
    [
      { command: 'verify', ...SUBJECT, severity: 'HIGH', platforms: 'linux/amd64' },
      [
        'input `platforms`: it has no meaning for `command: verify`',
        'input `severity`: it has no meaning for `command: verify`',
      ],
    ],
    [
      { command: 'verify', ...SUBJECT, namespace: 'acme', version: '1.2.3' },
      [
        'input `namespace`: it has no meaning beside `subject`, which names the images',
        'input `version`: it has no meaning beside `subject`, which names the images',
      ],
    ],
    [
      { command: 'attest', ...SUBJECT, version: '1.2.3', secrets: 'a=b' },
      [
        'input `secrets`: it has no meaning for `command: attest`',
        'input `version`: it has no meaning for `command: attest`',
      ],
    ],
    [{ shard: 'all' }, ['input `shard`: it has no meaning for `command: release`']],
    [{ command: 'plan', shard: 'all' }, ['input `shard`: it has no meaning for `command: plan`']],
    [
      { command: 'build', publish: 'true', aliases: 'latest', force: 'true', reason: 'x', ...SUBJECT },
      [
        'input `aliases`: it has no meaning for `command: build`',
        'input `force`: it has no meaning for `command: build`',
        'input `reason`: it has no meaning for `command: build`',
        'input `publish`: it has no meaning for `command: build`',
        'input `subject`: it has no meaning for `command: build`',
        'input `force`: "true" is allowed only by workflow_dispatch, and this event is push',
      ],
    ],
    [
      { command: 'verify', ...SUBJECT, shard: 'all', handoff: 'out' },
      [
        'input `shard`: it has no meaning for `command: verify`',
        'input `handoff`: it has no meaning for `command: verify`',
      ],
    ],
    [
      { command: 'rollback', channel: 'prod', handoff: 'out' },
      ['input `handoff`: it has no meaning for `command: rollback`'],
    ],
    [
      { command: 'promote', channel: 'prod', from: '1.2.3', shard: 'all' },
      ['input `shard`: it has no meaning for `command: promote`'],
    ],
    [
      { command: 'attest', channel: 'prod', handoff: 'out' },
      ['input `handoff`: it has no meaning for `command: attest`'],
    ],
    [
      { command: 'attest', ...SUBJECT, handoff: 'out' },
      ['input `handoff`: it has no meaning for `command: attest`'],
    ],
  ])('%j', (raw, expected) => {
    expect(messages({ raw })).toEqual(expected);
  });

  it('stand in the config file of channels and platforms, which a shard leaves to the release', () => {
    const config = 'publish: true\nchannels: { prod: { when: { tag: "v*" } } }\n';
    expect(accepted({ raw: { command: 'build' }, config }).command).toBe('build');
  });

  it('stand in the config file, which all commands share', () => {
    const config = 'severity: [HIGH]\nnamespace: acme\nbuild-args: { A: b }\n';
    for (const command of ['verify', 'attest'])
      expect(accepted({ raw: { command, ...SUBJECT }, config }).command).toBe(command);
  });

  it('the images of this event are named by the inputs that name them for a release', () => {
    const raw = {
      command: 'verify',
      namespace: 'acme',
      image: 'app',
      version: '1.2.3',
      tags: 'type=raw,value=x',
    };
    expect(accepted({ raw })).toMatchObject({ command: 'verify', verify: { subjects: [] } });
    const baked = { command: 'verify', 'bake-file': 'docker-bake.hcl', 'bake-targets': 'app' };
    expect(accepted({ raw: baked }).build.definition.kind).toBe('bake-file');
  });
});

describe('verify without the internet', () => {
  const offline = { command: 'verify', ...SUBJECT, offline: 'true' };

  it('needs something to believe', () => {
    expect(messages({ raw: offline })).toEqual([
      'input `offline`: to verify without fetching it, a `sigstore-trusted-root` or `cosign-key` must be given',
    ]);
  });

  it.each([
    [{ 'sigstore-trusted-root': 'root.json' }],
    [{ 'cosign-key': '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----' }],
    [{ require: 'none' }],
  ])('has it: %j', (more) => {
    expect(messages({ raw: { ...offline, ...more } })).toEqual([]);
  });
});

describe('attest', () => {
  it.each([
    [{}, ['input `command`: "attest" needs a `subject`, a `record` or a `channel`']],
    [{ channel: 'prod' }, []],
    [
      {
        channel: 'prod',
        image: 'app',
        namespace: 'acme',
        require: 'signature',
        'identity-workflow': '.github/workflows/x.yml',
      },
      [],
    ],
    [{ channel: 'prod', ...SUBJECT }, ['input `channel`: it has no meaning for `command: attest`']],
    [{ channel: 'prod', severity: 'HIGH' }, ['input `severity`: it has no meaning for `command: attest`']],
    [
      { channel: 'prod', require: 'none' },
      [
        'input `require`: "none" cannot stand here: the record of a channel is signed when its images are proven',
      ],
    ],
    [
      { record: 'r.json', ...SUBJECT },
      ['input `record`: it cannot stand beside `subject`: a record names its images'],
    ],
    [{ attest: 'false', ...SUBJECT }, ['input `attest`: "false" cannot stand beside `command: attest`']],
    [{ record: 'r.json' }, []],
    [SUBJECT, []],
  ])('%j', (more, expected) => {
    expect(messages({ raw: { command: 'attest', ...more } })).toEqual(expected);
  });

  it('needs none of them where the config declares channels', () => {
    const config = 'channels: { prod: { when: manual } }\n';
    expect(accepted({ raw: { command: 'attest' }, config }).channels.rules).toHaveLength(1);
  });
});
