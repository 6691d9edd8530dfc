import { describe, expect, it } from '@jest/globals';
import type { IdentityInputs } from '../../../../src/model/inputs.ts';
import type { Expected } from '../../../../src/model/verification.ts';
import { isMet } from '../../../../src/steps/verify/expected.ts';
import { identityPolicy, ownIdentity } from '../../../../src/steps/verify/policy.ts';

const RUN = { serverUrl: 'https://github.com', repository: 'Acme/App' };

describe('whose evidence counts', () => {
  it("by default: this repository's, by GitHub's issuer", () => {
    expect(identityPolicy({}, RUN)).toEqual({
      issuer: { kind: 'exact', value: 'https://token.actions.githubusercontent.com' },
      repository: { kind: 'exact', value: 'https://github.com/Acme/App' },
      workflow: { kind: 'any' },
    });
  });

  it('by default that of the known workflow on the known ref', () => {
    const run = { ...RUN, workflow: '.github/workflows/release.yml', ref: 'refs/tags/v1' };
    expect(identityPolicy({}, run)).toMatchObject({
      workflow: { kind: 'exact', path: '.github/workflows/release.yml' },
      ref: { kind: 'exact', value: 'refs/tags/v1' },
    });
    const other: IdentityInputs = { repository: { kind: 'exact', value: 'other/app' } };
    expect(identityPolicy(other, run).workflow).toEqual({ kind: 'any' });
  });

  it.each([
    ['.github/workflows/r.yml', { path: '.github/workflows/r.yml' }],
    ['.github/workflows/r.yml@refs/heads/main', { path: '.github/workflows/r.yml', ref: 'refs/heads/main' }],
    [
      'acme/flows/.github/workflows/r.yml@refs/tags/v1',
      { repository: 'https://github.com/acme/flows', path: '.github/workflows/r.yml', ref: 'refs/tags/v1' },
    ],
    [
      'https://ghe.example.com/acme/flows/.github/workflows/r.yml@refs/tags/v1',
      {
        repository: 'https://ghe.example.com/acme/flows',
        path: '.github/workflows/r.yml',
        ref: 'refs/tags/v1',
      },
    ],
  ])('the workflow %s', (value, expected) => {
    const { workflow } = identityPolicy({ workflow: { kind: 'exact', value } }, RUN);
    expect(workflow).toEqual({ kind: 'exact', ...expected });
  });

  it('of this very run is exact in all', () => {
    const claims = {
      issuer: 'https://issuer.example.com',
      repository: 'Acme/App',
      ref: 'refs/tags/v1.2.3',
      jobWorkflowRef: 'Acme/Flows/.github/workflows/release.yml@refs/heads/main',
    };
    const rest = {
      repositoryId: '',
      repositoryOwnerId: '',
      repositoryVisibility: '',
      sha: '',
      eventName: '',
      runId: '',
      runAttempt: '',
      runnerEnvironment: '',
      workflowRef: '',
      workflowSha: '',
    };
    expect(ownIdentity({ ...rest, ...claims }, 'https://github.com')).toEqual({
      issuer: { kind: 'exact', value: 'https://issuer.example.com' },
      repository: { kind: 'exact', value: 'https://github.com/Acme/App' },
      workflow: {
        kind: 'exact',
        repository: 'https://github.com/Acme/Flows',
        path: '.github/workflows/release.yml',
        ref: 'refs/heads/main',
      },
      ref: { kind: 'exact', value: 'refs/tags/v1.2.3' },
    });
  });
});

describe('a regular expression for repositories', () => {
  const { repository } = identityPolicy({ repository: { kind: 'regexp', value: 'acme/(app|base)' } }, RUN);

  it.each([
    ['https://github.com/acme/app', true],
    ['https://github.com/acme/base', true],
    ['https://github.com/acme/app2', false],
    ['https://github.com/evil/acme/app', false],
    ['https://githubXcom/acme/app', false],
    ['https://evil.example.com/https://github.com/acme/app', false],
  ])('%s: %s', (value, met) => {
    expect(isMet(repository, value)).toBe(met);
  });

  it('matches the whole, alternatives too', () => {
    const expected: Expected = { kind: 'regexp', value: 'a|b' };
    expect(['a', 'b', 'ab', 'xa', 'bx', 'a\n'].map((text) => isMet(expected, text))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(isMet(expected, undefined)).toBe(false);
    expect(isMet({ kind: 'regexp', value: '.*' }, 'a'.repeat(3000))).toBe(false);
  });
});
