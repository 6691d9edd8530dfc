import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { secretsOf } from '../../../src/inputs/credentials.ts';
import { accepted, messages } from '../../helpers/read-door.ts';

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describe('the inputs of publishing', () => {
  it('are taken from the workflow', () => {
    const raw = {
      publish: 'true',
      'publish-env': 'prod',
      'publish-scope': 'public',
      'publish-url': 'https://compass.example.com/',
      'publish-token': 'secret-token',
      'publish-org': 'org-7',
      'publish-key': KEY,
      'publish-timeout': '90s',
    };
    expect(accepted({ raw }).publish).toEqual({
      asked: true,
      target: { kind: 'hla-compass', env: 'prod', url: 'https://compass.example.com' },
      scope: 'public',
      token: 'secret-token',
      org: 'org-7',
      key: KEY.trim(),
      generateKeys: false,
      wait: false,
      timeoutSeconds: 90,
    });
  });

  it('are taken from a section of the config, over which the workflow wins', () => {
    const config =
      'publish: { env: staging, scope: org, when: { tag: "v*" }, prerelease: true, timeout: 5m, generate-keys: true }';
    const section = {
      when: { tag: 'v*', prerelease: true },
      target: { kind: 'hla-compass', env: 'staging' },
      timeoutSeconds: 300,
      generateKeys: true,
    };
    expect(accepted({ config }).publish).toMatchObject(section);
    expect(accepted({ config }).publish).not.toHaveProperty('asked');
    const raw = { publish: 'false', 'publish-env': 'dev' };
    expect(accepted({ config, raw }).publish).toMatchObject({
      ...section,
      asked: false,
      target: { kind: 'hla-compass', env: 'dev' },
    });
  });

  it.each([
    ['publish: true', { asked: true }],
    [
      'publish: { webhook: "https://deploy.example.com/hook" }',
      { target: { kind: 'webhook', url: 'https://deploy.example.com/hook' } },
    ],
    ['publish: { dispatch: acme/deploy }', { target: { kind: 'dispatch', repository: 'acme/deploy' } }],
    ['publish: { scope: public }', { wait: false }],
    ['publish: { scope: public, wait: true }', { wait: true }],
  ])('of the config %j', (config, expected) => {
    expect(accepted({ config }).publish).toMatchObject(expected);
  });

  it.each([
    [
      { 'publish-url': 'http://compass.example.com' },
      '"http://compass.example.com" is not an https address (http only on loopback)',
    ],
    [{ 'publish-url': 'https://user:pass@compass.example.com' }, 'is not an https address'],
    [{ 'publish-url': 'ftp://127.0.0.1' }, 'is not an https address'],
    [{ 'publish-url': 'http://127.0.0.1.example.com' }, 'is not an https address'],
    [{ 'publish-webhook': 'http://deploy.example.com' }, 'is not an https address'],
    [{ 'publish-env': 'production' }, '"production" is not one of dev, staging, prod'],
    [{ 'publish-token': 'a b' }, 'the value (not shown) is not a token'],
    [{ 'publish-key': 'no pem' }, 'the value (not shown) is not a private key in PEM'],
    [{ 'publish-key': KEY, 'generate-keys': 'true' }, '"true" cannot stand beside `publish-key`'],
    [
      { 'publish-webhook': 'https://a.example', 'publish-dispatch': 'a/b' },
      'it cannot stand beside `publish-webhook`',
    ],
    [
      { 'publish-webhook': 'https://a.example', 'publish-env': 'dev' },
      'it has no meaning beside `publish-webhook`',
    ],
    [{ publish: 'true', offline: 'true' }, '"true" cannot be used with `offline`'],
    [{ command: 'verify', subject: 'a/b:1', publish: 'true' }, 'it has no meaning for `command: verify`'],
    [{ 'publish-timeout': '25h' }, 'is not a duration'],
  ])('%j: %s', (raw, message) => {
    expect(messages({ raw })).toEqual([expect.stringContaining(message)]);
  });

  it('http is for loopback', () => {
    for (const url of ['http://127.0.0.1:8080', 'http://localhost:9', 'http://[::1]:8080'])
      expect(accepted({ raw: { 'publish-url': url } }).publish.target).toMatchObject({ url });
  });

  it('a missing secret is no problem at the door: pull requests of forks have none', () => {
    expect(messages({ raw: { publish: 'true', 'publish-token': '', 'publish-key': '' } })).toEqual([]);
  });

  it('token and key are secrets, the API key also without its prefix', () => {
    const raw = { 'publish-token': 'api-key:hunter-22', 'publish-key': KEY };
    expect(secretsOf(accepted({ raw }))).toEqual([KEY.trim(), 'api-key:hunter-22', 'hunter-22']);
  });
});
