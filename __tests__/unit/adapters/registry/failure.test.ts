import { describe, expect, it } from '@jest/globals';
import { explain } from '../../../../src/adapters/registry/explain.ts';
import { RegistryFailure, sanitize } from '../../../../src/adapters/registry/failure.ts';

describe('sanitize', () => {
  it.each([
    ['one\r\ntwo\u0000\u001b[31m\u202ethree', 'one two [31m three'],
    ['see https://r.example.com/a/b?sig=abc&x=1#y now', 'see https://r.example.com/a/b now'],
    ['token s3cret-token was refused', 'token *** was refused'],
    ['Authorization: Bearer abcdefghijkl.mno', 'Authorization: Bearer ***'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'Basic ***'],
    ['a pw is short', 'a pw is short'],
  ])('%j becomes %j', (text, expected) => {
    expect(sanitize(text, ['s3cret-token', 'pw', ''])).toBe(expected);
  });

  it('shortens', () => {
    expect(sanitize('x'.repeat(10_000), [])).toHaveLength(300);
  });
});

describe('explain', () => {
  const repository = { registry: 'ghcr.io', path: 'acme/app' };
  const login = { kind: 'basic', username: 'bot', password: 'secret', from: 'the inputs' } as const;

  function failed(details: Partial<ConstructorParameters<typeof RegistryFailure>[0]>) {
    return new RegistryFailure({
      method: 'PUT',
      target: 'ghcr.io/acme/app',
      stage: 'registry',
      transient: false,
      ...details,
    });
  }

  const denied = [{ code: 'DENIED' }];
  const immutable = [{ code: 'TAG_INVALID', message: 'cannot be overwritten because the tag is immutable' }];
  it.each([
    [{ status: 401 }, 'REGISTRY_LOGIN'],
    [{ status: 401, insufficientScope: true }, 'REGISTRY_FORBIDDEN'],
    [{ status: 403, errors: denied }, 'REGISTRY_FORBIDDEN'],
    [{ status: 404, method: 'POST' }, 'REGISTRY_NOT_FOUND'],
    [{ status: 404, errors: [{ code: 'NAME_UNKNOWN' }] }, 'REGISTRY_NOT_FOUND'],
    [{ status: 404, errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] }, 'REGISTRY_UNAVAILABLE'],
    [{ status: 400, errors: [{ code: 'DIGEST_INVALID' }] }, 'DIGEST_MISMATCH'],
    [{ status: 400, errors: immutable }, 'TAG_IMMUTABLE'],
    [{ status: 412, errors: [{ message: 'configured as immutable' }] }, 'TAG_IMMUTABLE'],
    [{ status: 413 }, 'REGISTRY_UNAVAILABLE'],
    [{ status: 429 }, 'REGISTRY_UNAVAILABLE'],
    [{ status: 500 }, 'REGISTRY_UNAVAILABLE'],
    [{ reason: 'read ECONNRESET' }, 'REGISTRY_UNAVAILABLE'],
  ] as const)('%j is %s', (details, code) => {
    expect(explain(failed(details), { repository, login }).code).toBe(code);
  });

  it('blames the login where nobody is logged in', () => {
    const error = explain(failed({ status: 401, insufficientScope: true }), { repository, login: undefined });
    expect(error).toMatchObject({ code: 'REGISTRY_LOGIN', hint: expect.stringContaining('No credentials') });
  });

  it.each([
    ['ghcr.io', 'https://github.com/orgs/acme/packages/container/app/settings'],
    ['docker.io', 'Read & Write'],
    ['quay.io', 'robot account'],
    ['123456789012.dkr.ecr.us-east-1.amazonaws.com', 'ecr:PutImage'],
    ['registry.example.com', 'Grant the user bot the right to push to registry.example.com/acme/app'],
  ])('at %s a 403 says what to do there', (registry, hint) => {
    const error = explain(failed({ status: 403 }), { repository: { registry, path: 'acme/app' }, login });
    expect(error.hint).toContain(hint);
  });

  it('names the command that makes a repository at Amazon ECR', () => {
    const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    const details = { status: 404, method: 'POST', errors: [{ code: 'NAME_UNKNOWN' }] };
    const error = explain(failed(details), { repository: { registry, path: 'team/app' }, login });
    expect(error.hint).toContain('aws ecr create-repository --region us-east-1 --repository-name team/app');
  });

  it('says method, repository, status, and the words of the registry', () => {
    const errors = [{ code: 'DENIED', message: 'requested access to the resource is denied' }];
    expect(explain(failed({ status: 403, errors }), { repository, login }).message).toBe(
      'PUT ghcr.io/acme/app: 403 DENIED: requested access to the resource is denied',
    );
  });
});
