import { describe, expect, it } from '@jest/globals';
import type { AttestInputs } from '../../../src/model/inputs.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { prepareSigning } from '../../../src/pipeline/signing.ts';
import type { Start } from '../../../src/pipeline/start.ts';
import type { Oidc, OidcClaims } from '../../../src/ports/oidc.ts';
import type { SigningSpec, TrustSpec } from '../../../src/ports/sigstore.ts';
import { aContext, anInputs } from '../../helpers/a-context.ts';
import { aPlan } from '../../helpers/a-release.ts';
import { COMMIT, someClaims } from '../../helpers/an-attestation.ts';
import { noOidc } from '../../helpers/fake-ports.ts';
import { fakeOidc, fakeSigstore } from '../../helpers/fake-signing.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';

const PRIVATE = {
  instance: 'private',
  signingConfig: '/work/config.json',
  trustedRoot: '/work/root.json',
} as const;
const KEY = { key: { pem: 'a private key', password: 'of the key' } } as const;

type Case = {
  readonly attest?: Partial<AttestInputs>;
  readonly plan?: Partial<Plan>;
  /** `none`: a job without `id-token: write`. */
  readonly claims?: Partial<OidcClaims> | 'none';
  readonly visibility?: 'public' | 'private' | 'internal';
  readonly offline?: boolean;
};

/** What is prepared for the commit of the claims, with the files of PRIVATE in place. */
async function prepare({ attest = {}, plan = {}, claims = {}, visibility, offline = false }: Case = {}) {
  const oidc: Oidc & { readonly audiences?: readonly string[] } =
    claims === 'none' ? noOidc() : fakeOidc(someClaims(claims));
  const sigstore = fakeSigstore();
  const files = memoryFiles({ '/work/config.json': 'the config', '/work/root.json': 'the root' });
  const { tools } = anInputs();
  const start: Start = {
    inputs: anInputs({ attest: { mode: 'auto', instance: 'auto', ...attest }, tools: { ...tools, offline } }),
    context: aContext(visibility === undefined ? {} : { about: { visibility } }),
    machine: { os: 'linux', arch: 'x64', stays: false },
    parseYaml: () => undefined,
    announce: () => undefined,
    showChecks: () => undefined,
    saveRecord: async () => undefined,
    databases: '/databases',
    reports: '/reports',
  };
  const signing = await prepareSigning(start, aPlan({ revision: COMMIT, ...plan }), {
    files,
    oidc,
    sigstore,
  });
  return { signing, oidc, sigstore };
}

describe('who signs', () => {
  it('is the job, by an exact identity that its own token names', async () => {
    const { signing, oidc } = await prepare();
    expect(oidc.audiences).toEqual(['sigstore']);
    expect(signing).toMatchObject({ claims: { repository: 'Acme/Modules' }, instance: 'public-good' });
    expect(signing?.identity).toEqual({
      issuer: { kind: 'exact', value: 'https://token.actions.githubusercontent.com' },
      repository: { kind: 'exact', value: 'https://github.com/Acme/Modules' },
      workflow: {
        kind: 'exact',
        repository: 'https://github.com/Acme/Modules',
        path: '.github/workflows/release.yml',
        ref: 'refs/tags/v1.2.3',
      },
      ref: { kind: 'exact', value: 'refs/tags/v1.2.3' },
    });
  });

  it('is the reusable workflow, where the job is one of it', async () => {
    const jobWorkflowRef = 'acme/flows/.github/workflows/ship.yml@refs/tags/v4';
    const { signing } = await prepare({ claims: { jobWorkflowRef } });
    expect(signing?.identity).toMatchObject({
      repository: { value: 'https://github.com/Acme/Modules' },
      workflow: {
        repository: 'https://github.com/acme/flows',
        path: '.github/workflows/ship.yml',
        ref: 'refs/tags/v4',
      },
    });
  });

  it('is nobody where the plan attests nothing, and nobody is asked', async () => {
    const steps = [{ id: 'attest', do: 'skip', reason: '`attest: false`' }] as const;
    const { signing, oidc, sigstore } = await prepare({ plan: { steps }, attest: KEY });
    expect(signing).toBeUndefined();
    expect([oidc.audiences, sigstore.signers, sigstore.trusted]).toEqual([[], [], []]);
  });

  it('is prepared in a dry run too, which would find what is wrong', async () => {
    const steps = [{ id: 'attest', do: 'simulate', reason: 'a dry run writes nothing' }] as const;
    await expect(prepare({ plan: { steps }, claims: { sha: 'f'.repeat(40) } })).rejects.toMatchObject({
      code: 'COMMIT_MISMATCH',
    });
  });

  it('is a key, which has no name; the job beside it says who built', async () => {
    const { signing } = await prepare({ attest: KEY });
    expect(signing).toMatchObject({ identity: 'key', claims: { sha: COMMIT } });
    const alone = await prepare({ attest: KEY, claims: 'none' });
    expect(alone.signing?.identity).toBe('key');
    expect(alone.signing).not.toHaveProperty('claims');
  });
});

describe('the commit of the token', () => {
  it('must be the one that is built', async () => {
    await expect(prepare({ claims: { sha: 'f'.repeat(40) } })).rejects.toMatchObject({
      code: 'COMMIT_MISMATCH',
      message: expect.stringContaining(COMMIT),
    });
  });

  it('may be the merge of a pull request that is built from its head', async () => {
    const { signing } = await prepare({ claims: { sha: 'f'.repeat(40) }, plan: { kind: 'pull-request' } });
    expect(signing?.claims?.sha).toBe('f'.repeat(40));
  });
});

const byKey = { kind: 'key', key: 'a private key', password: 'of the key' } as const;
const keyTrust = { kind: 'key', publicKey: 'a public key' } as const;
const keyless = (instance: 'public-good' | 'github') => ({ kind: 'keyless', instance }) as const;
const givenRoot = { kind: 'keyless', instance: 'private', trustedRoot: 'the root' } as const;

describe('the instance of Sigstore', () => {
  it.each<[string, Case, SigningSpec, TrustSpec]>([
    ['a public repository', {}, keyless('public-good'), keyless('public-good')],
    [
      'a private repository',
      { claims: { repositoryVisibility: 'private' } },
      keyless('github'),
      keyless('github'),
    ],
    [
      'an internal repository',
      { claims: { repositoryVisibility: 'internal' } },
      keyless('github'),
      keyless('github'),
    ],
    [
      'a repository that the event takes for public, and the token does not',
      { visibility: 'public', claims: { repositoryVisibility: 'private' } },
      keyless('github'),
      keyless('github'),
    ],
    [
      'a private repository that wants the public log',
      { attest: { instance: 'public-good' }, claims: { repositoryVisibility: 'private' } },
      keyless('public-good'),
      keyless('public-good'),
    ],
    [
      'a public repository that wants no log',
      { attest: { instance: 'github' } },
      keyless('github'),
      keyless('github'),
    ],
    [
      'an own instance',
      { attest: PRIVATE },
      { kind: 'keyless', instance: 'private', signingConfig: 'the config', trustedRoot: 'the root' },
      givenRoot,
    ],
    [
      'a given root in place of the fetched one',
      { attest: { trustedRoot: PRIVATE.trustedRoot } },
      keyless('public-good'),
      givenRoot,
    ],
    ['a key in a public repository', { attest: KEY }, { ...byKey, instance: 'public-good' }, keyTrust],
    [
      'a key in a private repository',
      { attest: KEY, claims: { repositoryVisibility: 'private' } },
      byKey,
      keyTrust,
    ],
    [
      'a key without a token in a public repository',
      { attest: KEY, claims: 'none', visibility: 'public' },
      { ...byKey, instance: 'public-good' },
      keyTrust,
    ],
    ['a key in a repository of which nothing is known', { attest: KEY, claims: 'none' }, byKey, keyTrust],
    [
      'a key with the log of an own instance',
      { attest: { ...KEY, ...PRIVATE } },
      { ...byKey, instance: 'private', signingConfig: 'the config' },
      keyTrust,
    ],
    [
      'a key under `offline`, in a public repository',
      { attest: KEY, offline: true, visibility: 'public' },
      byKey,
      keyTrust,
    ],
  ])('%s', async (_, about, spec, trust) => {
    const { signing, sigstore } = await prepare(about);
    expect(sigstore.signers).toEqual([spec]);
    await signing?.verifier();
    expect(sigstore.trusted).toEqual([trust]);
  });

  it('is not asked for its root before something is to be proven, and then once', async () => {
    const { signing, sigstore } = await prepare();
    expect(sigstore.trusted).toEqual([]);
    await Promise.all([signing?.verifier(), signing?.verifier()]);
    expect(sigstore.trusted).toHaveLength(1);
  });

  it('is not asked for under `offline`, nor is the job for its identity', async () => {
    const { signing, oidc } = await prepare({ attest: KEY, offline: true });
    expect(oidc.audiences).toEqual([]);
    expect(signing).toMatchObject({ identity: 'key' });
    expect(signing).not.toHaveProperty('claims');
    expect(signing).not.toHaveProperty('instance');
  });

  it.each([
    ['sigstore-signing-config', { ...PRIVATE, signingConfig: '/work/none.json' }],
    ['sigstore-trusted-root', { ...PRIVATE, trustedRoot: '/work/none.json' }],
  ])('names a file that is not there: %s', async (input, attest) => {
    await expect(prepare({ attest })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: `input \`${input}\`: there is no such file: /work/none.json`,
    });
  });
});
