import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { parseWorkflowRef, serverOf } from '../../../../src/steps/attest/identity.ts';
import { provenance, type RunFacts } from '../../../../src/steps/attest/provenance.ts';
import { COMMIT, someClaims } from '../../../helpers/an-attestation.ts';

const BASE = { uri: 'pkg:docker/alpine@3?platform=linux%2Famd64', digest: { sha256: 'a'.repeat(64) } };

function predicateOf(change: Partial<RunFacts> = {}) {
  const run: RunFacts = {
    claims: someClaims(),
    serverUrl: 'https://github.com',
    plan: { revision: COMMIT, kind: 'tag', dirty: false },
    startedOn: new Date('2026-11-21T10:00:00Z'),
    finishedOn: new Date('2026-11-21T10:05:00Z'),
    inputs: { command: 'release', 'build-args': ['A'] },
    ...change,
  };
  const report = { name: 'app.trivy.json', digest: digestOf('report'), mediaType: 'application/json' };
  return provenance(run, { image: { name: 'app' }, materials: [BASE], byproducts: [report] });
}

describe('provenance', () => {
  it('has the form of actions/attest-build-provenance, and more', () => {
    expect(predicateOf()).toEqual({
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: {
          workflow: {
            ref: 'refs/tags/v1.2.3',
            repository: 'https://github.com/Acme/Modules',
            path: '.github/workflows/release.yml',
          },
        },
        internalParameters: {
          github: {
            event_name: 'push',
            repository_id: '1001',
            repository_owner_id: '2002',
            runner_environment: 'github-hosted',
          },
          action: { inputs: { command: 'release', 'build-args': ['A'] }, image: { name: 'app' } },
        },
        resolvedDependencies: [
          { uri: 'git+https://github.com/Acme/Modules@refs/tags/v1.2.3', digest: { gitCommit: COMMIT } },
          BASE,
        ],
      },
      runDetails: {
        builder: { id: 'https://github.com/Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3' },
        metadata: {
          invocationId: 'https://github.com/Acme/Modules/actions/runs/42/attempts/2',
          startedOn: '2026-11-21T10:00:00.000Z',
          finishedOn: '2026-11-21T10:05:00.000Z',
        },
        byproducts: [
          {
            name: 'app.trivy.json',
            digest: { sha256: digestOf('report').slice(7) },
            mediaType: 'application/json',
          },
        ],
      },
    });
  });

  it('names the reusable workflow as builder, and the one that was started as parameter', () => {
    const jobWorkflowRef = 'Acme/shared/.github/workflows/build.yml@refs/heads/main';
    expect(predicateOf({ claims: someClaims({ jobWorkflowRef }) })).toMatchObject({
      buildDefinition: { externalParameters: { workflow: { path: '.github/workflows/release.yml' } } },
      runDetails: { builder: { id: `https://github.com/${jobWorkflowRef}` } },
    });
  });

  it('says it of a tree that was changed', () => {
    const plan = { revision: COMMIT, kind: 'branch' as const, dirty: true };
    expect(predicateOf({ plan })).toMatchObject({
      buildDefinition: {
        resolvedDependencies: [
          { digest: { gitCommit: COMMIT }, annotations: { 'io.github.module-release.dirty': true } },
          BASE,
        ],
      },
    });
  });

  it.each(['tag', 'branch', 'schedule', 'dispatch'] as const)(
    'is refused for another commit than that of the token: %s',
    (kind) => {
      const plan = { revision: 'f'.repeat(40), kind, dirty: false };
      expect(() => predicateOf({ plan })).toThrow(
        expect.objectContaining({ code: 'COMMIT_MISMATCH', message: expect.stringContaining(COMMIT) }),
      );
    },
  );

  it('records both commits of a pull request that is built from its head', () => {
    const head = 'f'.repeat(40);
    const claims = someClaims({ ref: 'refs/pull/7/merge', eventName: 'pull_request' });
    expect(
      predicateOf({ claims, plan: { revision: head, kind: 'pull-request', dirty: true } }),
    ).toMatchObject({
      buildDefinition: {
        resolvedDependencies: [
          { uri: 'git+https://github.com/Acme/Modules@refs/pull/7/merge', digest: { gitCommit: COMMIT } },
          {
            uri: 'git+https://github.com/Acme/Modules',
            digest: { gitCommit: head },
            annotations: { 'io.github.module-release.dirty': true },
          },
          BASE,
        ],
      },
    });
  });

  it.each([
    [{ sha: 'main' }],
    [{ sha: '' }],
    [{ workflowRef: 'release.yml' }],
    [{ workflowRef: 'Acme/Modules/.github/workflows/release.yml' }],
    [{ jobWorkflowRef: '' }],
  ])('is refused for a token that names none: %j', (change) => {
    expect(() => predicateOf({ claims: someClaims(change) })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
  });
});

describe('a workflow ref', () => {
  it.each([
    ['A/b/.github/workflows/r.yml@refs/tags/v1', ['A/b', '.github/workflows/r.yml', 'refs/tags/v1']],
    [
      'A/b/.github/workflows/r.yaml@refs/tags/@x/y@1',
      ['A/b', '.github/workflows/r.yaml', 'refs/tags/@x/y@1'],
    ],
    ['A/b/.github/workflows/x@y.yml@refs/heads/m', ['A/b', '.github/workflows/x@y.yml', 'refs/heads/m']],
  ])('is taken apart: %s', (text, expected) => {
    const { repository, path, ref } = parseWorkflowRef(text) ?? {};
    expect([repository, path, ref]).toEqual(expected);
  });
});

describe('the server of an issuer', () => {
  it.each([
    ['https://token.actions.githubusercontent.com', 'https://evil.example.com', 'https://github.com'],
    ['https://token.actions.githubusercontent.com/acme', 'https://github.com', 'https://github.com'],
    ['https://token.actions.octo.ghe.com', 'https://evil.example.com', 'https://octo.ghe.com'],
    ['https://git.example.com/_services/token', 'https://evil.example.com', 'https://git.example.com'],
    ['http://127.0.0.1:1234', 'https://github.com/', 'https://github.com'],
    ['not a url', 'https://github.com', 'https://github.com'],
  ])('%s with %s is %s', (issuer, given, expected) => {
    expect(serverOf(issuer, given)).toBe(expected);
  });
});
