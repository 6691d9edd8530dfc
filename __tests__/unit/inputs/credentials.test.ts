import { describe, expect, it } from '@jest/globals';
import { secretsOf } from '../../../src/inputs/credentials.ts';
import { accepted, door, messages } from '../../helpers/read-door.ts';

const ghcr = (username: string, password: string) => ({ registry: 'ghcr.io', username, password });

describe('credentials', () => {
  it.each([
    ['nothing: the Docker config decides', {}, []],
    ['the token opens ghcr.io', { 'github-token': 'ghs_1' }, [ghcr('octocat', 'ghs_1')]],
    ['a user name for the token', { 'github-token': 'ghs_1', username: 'bot' }, [ghcr('bot', 'ghs_1')]],
    ['a password before the token', { 'github-token': 'ghs_1', password: 'pat' }, [ghcr('octocat', 'pat')]],
    [
      'a password is for the first registry, the token for ghcr.io',
      { registry: 'registry.example.com,ghcr.io', username: 'u', password: 'p', 'github-token': 'ghs_1' },
      [{ registry: 'registry.example.com', username: 'u', password: 'p' }, ghcr('octocat', 'ghs_1')],
    ],
    ['the token goes nowhere else', { registry: 'registry.example.com', 'github-token': 'ghs_1' }, []],
    [
      'registry-auth',
      {
        registry: 'docker.io,ghcr.io',
        'registry-auth':
          '- {registry: GHCR.io, username: a, password: b}\n- registry: index.docker.io\n  username: c\n  password: "1 2"',
        'github-token': 'ghs_1',
      },
      [ghcr('a', 'b'), { registry: 'docker.io', username: 'c', password: '1 2' }],
    ],
  ])('%s', (_, raw, credentials) => {
    expect(accepted({ raw }).login.credentials).toEqual(credentials);
  });

  it('lets the token of a run without an actor in', () => {
    expect(accepted({ raw: { 'github-token': 'ghs_1' }, actor: '' }).login.credentials).toEqual([
      ghcr('token', 'ghs_1'),
    ]);
  });

  it('does not stop a pull request from a fork, where secrets are empty', () => {
    const raw = {
      registry: 'registry.example.com',
      username: 'u',
      password: '',
      'registry-auth':
        '- {registry: docker.io, username: u, password: }\n- {registry: ghcr.io, username: u, password: ""}',
      secrets: 'NPM_TOKEN=\nOTHER=x',
    };
    const result = door({ raw });
    expect(result).toMatchObject({
      ok: true,
      inputs: { login: { credentials: [] }, build: { secrets: { OTHER: 'x' } } },
    });
    expect(result.warnings).toEqual([
      'Input `registry-auth`: 2 of 2 entries have an empty password and are left out.',
      'Input `username` has no effect without a `password` for registry.example.com.',
      'Input `secrets`: 1 of 2 are empty and are left out.',
    ]);
  });

  it.each([
    [
      { 'registry-auth': 'x' },
      'input `registry-auth`: the value (not shown) is not a YAML list of {registry, username, password}',
    ],
    [
      { 'registry-auth': '- a\n  b: hunter2' },
      'input `registry-auth`: the value (not shown) is no YAML (line 1)',
    ],
    [
      { 'registry-auth': '- hunter2' },
      'input `registry-auth`: entry 1 is not a map of registry, username and password',
    ],
    [
      { 'registry-auth': '- {registry: ghcr.io, username: u}' },
      'input `registry-auth`: entry 1 has no `password`',
    ],
    [
      { 'registry-auth': '- {registry: ghcr.io, username: u, password: 12345}' },
      'input `registry-auth`: entry 1, `password` (not shown) is not text',
    ],
    [
      { 'registry-auth': '- {registry: "hunter2@x", username: u, password: p}' },
      'input `registry-auth`: entry 1, `registry` (not shown) is not a registry host such as ghcr.io or 127.0.0.1:5000',
    ],
    [
      { 'registry-auth': '- {registry: ghcr.io, username: u, password: p, tokn: x}' },
      'input `registry-auth`: entry 1 has the unknown key `tokn`',
    ],
    [
      {
        'registry-auth':
          '[{registry: a.io, username: u, password: p}, {registry: a.io, username: v, password: q}]',
      },
      'input `registry-auth`: "a.io" is named more than once',
    ],
    [
      { password: 'hunter2', 'registry-auth': '[{registry: ghcr.io, username: u, password: p}]' },
      'input `password`: `registry-auth` has a password for ghcr.io too',
    ],
    [{ username: 'a:b' }, 'input `username`: "a:b" is not a user name without colon and control characters'],
    [
      { 'github-token': 'hunter2 x' },
      'input `github-token`: the value (not shown) is not a token without blanks',
    ],
    [{ secrets: 'A=1\nhunter2\nB=2' }, 'input `secrets`: entry 2 (not shown) is not of the form key=value'],
    [{ secrets: '"A=hunter2' }, 'input `secrets`: the quote that opens in line 1 is never closed'],
  ])('%j is refused', (raw, message) => {
    expect(messages({ raw })).toEqual([message]);
  });

  it('needs a user name beside a password', () => {
    expect(messages({ raw: { password: 'p' }, actor: '' })).toEqual([
      'input `password`: it needs a `username`',
    ]);
  });

  it('keeps the lines of a secret', () => {
    const raw = { secrets: '"KEY=-----BEGIN\nabc==\n-----END"\nTOKEN=a,b=c\n"JSON={""k"":""v""}"' };
    expect(accepted({ raw }).build.secrets).toEqual({
      KEY: '-----BEGIN\nabc==\n-----END',
      TOKEN: 'a,b=c',
      JSON: '{"k":"v"}',
    });
  });
});

it('lists everything that must appear nowhere', () => {
  const raw = {
    'github-token': 'ghs_1',
    password: 'pat',
    secrets: 'A=one\nB=two',
    'registry-auth': '- {registry: docker.io, username: c, password: d}',
  };
  expect(secretsOf(accepted({ raw }))).toEqual(['ghs_1', 'pat', 'octocat:pat', 'd', 'c:d', 'one', 'two']);
});
