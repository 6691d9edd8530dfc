import { describe, expect, it } from '@jest/globals';
import { covers, mergeScopes, parseChallenge } from '../../../../src/adapters/registry/challenge.ts';

describe('parseChallenge', () => {
  it.each([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      {
        scheme: 'bearer',
        realm: 'https://auth.docker.io/token',
        service: 'registry.docker.io',
        scope: 'repository:a/b:pull,push',
      },
    ],
    [
      'bearer realm=https://r.example.com/t , error=invalid_token',
      { scheme: 'bearer', realm: 'https://r.example.com/t', error: 'invalid_token' },
    ],
    ['Bearer realm="https://r/?a=\\"b\\""', { scheme: 'bearer', realm: 'https://r/?a="b"' }],
    ['Basic realm="Registry Realm"', { scheme: 'basic' }],
    ['BASIC', { scheme: 'basic' }],
    ['Basic realm="one, two", Bearer realm="https://r/t"', { scheme: 'bearer', realm: 'https://r/t' }],
    ['Negotiate, Basic realm="x"', { scheme: 'basic' }],
    ['Bearer service="no realm"', undefined],
    ['Digest realm="x"', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('reads %j', (header, expected) => {
    expect(parseChallenge(header)).toEqual(expected);
  });

  it('takes no time for a header made to take long', () => {
    const hostile = `Bearer realm="${'\\'.repeat(50_000)}`;
    expect(parseChallenge(hostile)).toBeUndefined();
  });
});

describe('scopes', () => {
  it.each([
    ['repository:a:pull,push', 'repository:a:pull', true],
    ['repository:a:pull', 'repository:a:pull,push', false],
    ['repository:a:pull', 'repository:b:pull', false],
    ['registry:catalog:*', 'registry:catalog:*', true],
  ])('%s covers %s: %s', (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });

  it('are ours, and what the registry asks for beyond them', () => {
    const ours = ['repository:acme/app:pull,push'];
    expect(mergeScopes(ours, undefined)).toEqual(ours);
    expect(mergeScopes(ours, 'repository:acme/app:pull')).toEqual(ours);
    expect(mergeScopes(ours, 'repository:proxy/acme/app:pull')).toEqual([
      ...ours,
      'repository:proxy/acme/app:pull',
    ]);
  });
});
