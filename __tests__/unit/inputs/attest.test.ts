import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { secretsOf } from '../../../src/inputs/credentials.ts';
import { accepted, messages, WORKSPACE } from '../../helpers/read-door.ts';

const { privateKey: KEY } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('what is not said', () => {
  it('is auto', () => {
    expect(accepted({}).attest).toEqual({ mode: 'auto', instance: 'auto' });
  });

  it('empty secrets of a pull request are not given', () => {
    expect(accepted({ raw: { 'cosign-key': '', 'cosign-password': '' } }).attest).toEqual({
      mode: 'auto',
      instance: 'auto',
    });
  });
});

it('reads everything, paths from the working directory on', () => {
  const raw = {
    'working-directory': 'modules/app',
    attest: 'true',
    sigstore: 'private',
    'sigstore-signing-config': '../signing-config.json',
    'sigstore-trusted-root': '/etc/sigstore/trusted_root.json',
    'cosign-key': KEY,
    'cosign-password': 'correct horse',
    'attest-store': 'registry, file, registry',
  };
  expect(accepted({ raw }).attest).toEqual({
    mode: 'true',
    instance: 'private',
    signingConfig: `${WORKSPACE}/modules/signing-config.json`,
    trustedRoot: '/etc/sigstore/trusted_root.json',
    key: { pem: KEY.trim(), password: 'correct horse' },
    stores: ['registry', 'file'],
  });
});

it('reads the config file, in which a boolean is a word', () => {
  const config = 'attest: true\nsigstore: github\nattest-store: [github]\nsigstore-trusted-root: root.json\n';
  expect(accepted({ config }).attest).toEqual({
    mode: 'true',
    instance: 'github',
    trustedRoot: `${WORKSPACE}/root.json`,
    stores: ['github'],
  });
});

it('a key without a password has an empty one, as cosign has it', () => {
  expect(accepted({ raw: { 'cosign-key': KEY } }).attest.key).toEqual({ pem: KEY.trim(), password: '' });
});

it('masks key and password', () => {
  const inputs = accepted({ raw: { 'cosign-key': KEY, 'cosign-password': 'correct horse' } });
  expect(secretsOf(inputs)).toEqual(expect.arrayContaining([KEY.trim(), 'correct horse']));
  expect(secretsOf(accepted({ raw: { 'cosign-key': KEY } }))).not.toContain('');
});

describe('wrong values', () => {
  it.each([
    [{ attest: 'yes' }, 'input `attest`: "yes" is not one of auto, true, false'],
    [{ sigstore: 'public' }, 'input `sigstore`: "public" is not one of auto, public-good, github, private'],
    [{ 'attest-store': 'registry,ftp' }, 'input `attest-store`: "ftp" is not one of registry, github, file'],
  ])('%j', (raw, message) => {
    expect(messages({ raw })).toEqual([message]);
  });

  it.each([
    ['a path', 'keys/cosign.key'],
    ['a key service', 'awskms:///alias/release'],
    ['one line', KEY.replaceAll('\n', ' ')],
    ['half a key', KEY.slice(0, 100)],
  ])('%s in place of a key, without showing it', (_, key) => {
    expect(messages({ raw: { 'cosign-key': key } })).toEqual([
      'input `cosign-key`: the value (not shown) is not a private key in PEM, such as the whole text of cosign.key',
    ]);
  });

  it.each(['cosign-key', 'cosign-password'])('%s in the config file', (name) => {
    expect(messages({ config: `${name}: secret` })).toEqual([
      `config \`${name}\`: it may not stand in the config file`,
    ]);
  });
});

describe('inputs that cannot stand together, or alone', () => {
  const both = { 'sigstore-signing-config': 'c.json', 'sigstore-trusted-root': 'r.json' };

  it.each([
    [
      { sigstore: 'private' },
      'input `sigstore`: "private" needs `sigstore-signing-config` and `sigstore-trusted-root`',
    ],
    [
      { sigstore: 'private', 'sigstore-signing-config': 'c.json' },
      'input `sigstore`: "private" needs `sigstore-trusted-root`',
    ],
    [
      { sigstore: 'private', 'cosign-key': KEY },
      'input `sigstore`: "private" needs `sigstore-signing-config`',
    ],
    [{ sigstore: 'private', attest: 'false' }, 'input `sigstore`: "private" needs `sigstore-trusted-root`'],
    [{ ...both }, 'input `sigstore-signing-config`: "c.json" has no meaning without `sigstore: private`'],
    [{ 'cosign-password': 'hunter2' }, 'input `cosign-password`: it has no meaning without `cosign-key`'],
    [
      { sigstore: 'github', 'cosign-key': KEY },
      'input `sigstore`: "github" cannot stand beside `cosign-key`: it has no log for signatures by key',
    ],
    [
      { attest: 'true', offline: 'true' },
      'input `attest`: "true" cannot be used with `offline`, unless there is a `cosign-key`',
    ],
    [
      { sigstore: 'public-good', offline: 'true', 'cosign-key': KEY },
      'input `sigstore`: "public-good" cannot be used with `offline`',
    ],
  ])('%#', (raw, message) => {
    expect(messages({ raw })).toEqual([message]);
  });

  it.each([
    [{ sigstore: 'private', ...both }],
    [{ sigstore: 'private', 'cosign-key': KEY, 'sigstore-signing-config': 'c.json' }],
    [{ sigstore: 'private', attest: 'false', 'sigstore-trusted-root': 'r.json' }],
    [{ sigstore: 'github', 'sigstore-trusted-root': 'r.json' }],
    [{ attest: 'true', offline: 'true', 'cosign-key': KEY }],
    [{ offline: 'true' }],
  ])('lets in %#', (raw) => {
    expect(messages({ raw })).toEqual([]);
  });

  it('all of them at once', () => {
    const raw = { attest: 'maybe', sigstore: 'private', 'cosign-password': 'hunter2' };
    expect(messages({ raw })).toHaveLength(3);
    expect(messages({ raw }).join()).not.toContain('hunter2');
  });
});
