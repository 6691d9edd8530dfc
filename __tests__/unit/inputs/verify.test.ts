import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../src/model/digest.ts';
import { accepted, messages } from '../../helpers/read-door.ts';

const DIGEST = digestOf('an image');

describe('what is verified', () => {
  it('subjects, each once', () => {
    const subject = `ghcr.io/acme/app:1.2.3\nghcr.io/acme/app@${DIGEST}, ghcr.io/acme/app:1.2.3`;
    expect(accepted({ raw: { command: 'verify', subject } }).verify.subjects).toEqual([
      { repository: { registry: 'ghcr.io', path: 'acme/app' }, tag: '1.2.3' },
      { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest: DIGEST },
    ]);
  });

  it.each([
    ['none', []],
    ['sbom,signature', ['signature', 'sbom']],
    ['scan', ['scan']],
  ])('require %s', (require, expected) => {
    expect(accepted({ raw: { require } }).verify.require).toEqual(expected);
  });
});

describe('whose evidence counts', () => {
  it('exactly', () => {
    const raw = {
      'identity-repository': 'acme/app',
      'identity-workflow': 'acme/flows/.github/workflows/release.yml@refs/tags/v1',
      'identity-ref': 'refs/tags/v1.2.3',
      'identity-issuer': 'https://issuer.example.com/',
    };
    expect(accepted({ raw }).verify.identity).toEqual({
      repository: { kind: 'exact', value: 'acme/app' },
      workflow: { kind: 'exact', value: 'acme/flows/.github/workflows/release.yml@refs/tags/v1' },
      ref: { kind: 'exact', value: 'refs/tags/v1.2.3' },
      issuer: { kind: 'exact', value: 'https://issuer.example.com' },
    });
  });

  it('by regular expressions where they are asked for', () => {
    const raw = { 'identity-ref-regexp': 'refs/tags/v1\\..*', 'identity-repository-regexp': 'acme/.*' };
    expect(accepted({ raw }).verify.identity).toEqual({
      repository: { kind: 'regexp', value: 'acme/.*' },
      ref: { kind: 'regexp', value: 'refs/tags/v1\\..*' },
    });
  });

  it('by the workflow of the config file, unless the workflow says another', () => {
    const config = 'identity: { workflow: .github/workflows/release.yml }';
    const value = '.github/workflows/release.yml';
    expect(accepted({ config }).verify.identity).toEqual({ workflow: { kind: 'exact', value } });
    const raw = { 'identity-workflow': '.github/workflows/other.yml' };
    expect(accepted({ config, raw }).verify.identity.workflow?.value).toBe('.github/workflows/other.yml');
  });
});

describe('wrong values', () => {
  it.each([
    [{ command: 'verify', subject: 'NOPE:' }, /^input `subject`: "NOPE:" is not an image reference/],
    [{ 'identity-repository': 'acme' }, /is not a repository such as acme\/app/],
    [{ 'identity-workflow': 'release.yml' }, /write "\.github\/workflows\/release\.yml"$/],
    [{ 'identity-workflow': 'acme/flows/.github/workflows/release.yml' }, /@refs\/tags\/v1$/],
    [{ 'identity-ref': 'v1.2.3' }, /write "refs\/tags\/v1\.2\.3"$/],
    [{ 'identity-ref': 'main' }, /write "refs\/heads\/main"$/],
    [{ 'identity-ref-regexp': 'v(' }, /is not a regular expression: Unterminated group$/],
    [{ 'identity-ref-regexp': 'a)|(b' }, /is not a regular expression/],
    [{ require: 'sbom,all' }, /"all" is not one of signature, provenance, sbom, scan, none$/],
    [{ require: 'none,sbom' }, /"none" cannot stand beside other evidence$/],
    [
      { 'identity-ref': 'refs/tags/v1', 'identity-ref-regexp': '.*' },
      /^input `identity-ref-regexp`: "\.\*" cannot stand beside `identity-ref`$/,
    ],
  ])('%j', (raw, message) => {
    expect(messages({ raw })).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['identity-repository: acme/app', 'config `identity-repository`: it may not stand in the config file'],
    ['identity: { repository: acme/app }', 'config `identity.repository`: there is no such key'],
  ])('%s in the config file', (config, message) => {
    expect(messages({ config })).toEqual([message]);
  });
});

describe('a public key', () => {
  const key = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----';

  it('cannot sign', () => {
    expect(messages({ raw: { 'cosign-key': key } })).toEqual([
      'input `cosign-key`: the value (not shown) is a public key, which cannot sign',
    ]);
  });
});
