import { describe, expect, it } from '@jest/globals';
import type { StatementDraft } from '../../../../src/model/attestation.ts';
import { type Digest, digestOf, hexOf } from '../../../../src/model/digest.ts';
import { keepStatements, payloadOf, type Voucher } from '../../../../src/steps/attest/keep.ts';
import { formatKept, type KeptList, parseKept } from '../../../../src/steps/attest/kept.ts';
import { requireOrigin, requireSameSigner } from '../../../../src/steps/attest/kept-origin.ts';
import { draftStatements } from '../../../../src/steps/attest/statements.ts';
import {
  readKept,
  readVoucher,
  requireSameRelease,
  requireSubjects,
  takeStatements,
} from '../../../../src/steps/attest/take.ts';
import { aDraftInput, aPushedImage, COMMIT, someClaims } from '../../../helpers/an-attestation.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const IMAGE = aPushedImage();
const DRAFTS = draftStatements(aDraftInput({ images: [IMAGE] })).filter(({ kind }) => kind !== 'scan');
const ABOUT = {
  repository: 'Acme/Modules',
  revision: COMMIT,
  images: [{ name: 'base', origin: 'built', refs: IMAGE.subjects }],
} as const;
const SERVER = 'https://github.com';
const refused = { code: 'VERIFY_FAILED' };

/** A folder with what a run has kept: these drafts, or others. */
async function kept(drafts: readonly StatementDraft[] = DRAFTS) {
  const files = memoryFiles();
  const vouched: Digest[] = [];
  const vouch = async (list: Digest): Promise<Voucher> => {
    vouched.push(list);
    // It comes last: what it vouches for is there.
    expect(files.tree.size).toBe(drafts.length + 1);
    return { by: 'token', text: 'the.token.itself' };
  };
  const digest = await keepStatements(drafts, ABOUT, '/reports', vouch, { files });
  return { files, digest, vouched };
}

describe('what is kept', () => {
  it('comes back as it was, to the byte', async () => {
    const { files, digest, vouched } = await kept();
    expect(vouched).toEqual([digest]);
    expect(files.modes.get('/reports/statements/token.jwt')).toBe(0o600);
    const list = await readKept('/reports', digest, { files });
    expect(list).toMatchObject(ABOUT);
    const taken = await takeStatements(list, '/reports', { files });
    expect(taken).toEqual(DRAFTS);
    expect(taken.map((each) => digestOf(payloadOf(each)))).toEqual(
      list.statements.map((each) => each.digest),
    );
    expect(await readVoucher('/reports', 'token', { files })).toBe('the.token.itself');
  });

  it('is vouched for in the way that is asked for', async () => {
    const { files } = await kept();
    await expect(readVoucher('/reports', 'key', { files })).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('expected a signature by the key over the list, got none'),
    });
  });

  it('is too large for a voucher of a megabyte', async () => {
    const { files } = await kept();
    await files.write('/reports/statements/token.jwt', 'x'.repeat(2 ** 20 + 1));
    await expect(readVoucher('/reports', 'token', { files })).rejects.toMatchObject(refused);
  });
});

/** What somebody lists who is vouched for, and lies. */
async function listing(change: (draft: StatementDraft) => StatementDraft) {
  const { files, digest } = await kept(DRAFTS.slice(0, 1).map(change));
  const list = await readKept('/reports', digest, { files });
  return takeStatements(list, '/reports', { files });
}

describe('a statement is taken only in our own form:', () => {
  const stated = (change: object) => (draft: StatementDraft) => ({
    ...draft,
    statement: { ...draft.statement, ...change },
  });
  const other = { name: 'ghcr.io/acme/base', digest: { sha256: hexOf(digestOf('another image')) } };
  const own = DRAFTS[0]?.statement.subject[0] ?? other;

  it.each<[string, (draft: StatementDraft) => StatementDraft]>([
    ['about another digest than is listed', stated({ subject: [other] })],
    ['about two subjects', stated({ subject: [own, other] })],
    [
      'about a subject with a second digest',
      stated({ subject: [{ ...own, digest: { ...own.digest, sha1: 'x' } }] }),
    ],
    ['about an image of another name', stated({ subject: [{ ...own, name: 'ghcr.io/acme/other' }] })],
    ['with another predicate than is listed', stated({ predicateType: 'https://spdx.dev/Document' })],
    ['of another type', stated({ _type: 'https://in-toto.io/Statement/v0.1' })],
    ['with more in it', stated({ also: 'this' })],
  ])('not one %s', async (_, change) => {
    await expect(listing(change)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/provenance of base: expected a statement about sha256:/),
    });
  });
});

describe('a list', () => {
  const LIST: KeptList = { ...ABOUT, statements: [] };
  const statement = {
    image: 'base',
    kind: 'signature',
    subject: IMAGE.descriptor.digest,
    registryOnly: false,
    digest: digestOf('x'),
  } as const;
  const changed = (change: object): string =>
    JSON.stringify({ ...JSON.parse(formatKept({ ...LIST, statements: [statement] })), ...change });

  it.each<[string, string]>([
    ['that is no JSON', '{'],
    ['of another version', changed({ schemaVersion: 2 })],
    [
      'with a name that is a path',
      changed({ images: [{ name: '../x', origin: 'built', refs: ['ghcr.io/a/b'] }] }),
    ],
    ['with a tag', changed({ images: [{ name: 'base', origin: 'built', refs: ['ghcr.io/acme/base:1'] }] })],
    ['of a kind that there is not', changed({ statements: [{ ...statement, kind: 'constructor' }] })],
    ['about an image that it does not name', changed({ statements: [{ ...statement, image: 'other' }] })],
    ['with a digest that is a path', changed({ statements: [{ ...statement, digest: 'sha256:../../x' }] })],
    ['with too many statements', changed({ statements: Array.from({ length: 5001 }, () => statement) })],
  ])('%s is none', (_, text) => {
    expect(parseKept(changed({}))).toEqual({ ...LIST, statements: [statement] });
    expect(parseKept(text)).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ['repository', {}, 'Acme/Other'],
    ['commit', { revision: 'f'.repeat(40) }, 'Acme/Modules'],
    ['images', { images: [] }, 'Acme/Modules'],
    ['images', { images: [{ name: 'other', refs: IMAGE.subjects }] }, 'Acme/Modules'],
  ])('must be of the release: %s', (what, change, repository) => {
    const record = { revision: COMMIT, images: [{ name: 'base', refs: IMAGE.subjects }] };
    expect(() => requireSameRelease(LIST, record, 'Acme/Modules')).not.toThrow();
    expect(() => requireSameRelease(LIST, { ...record, ...change }, repository)).toThrow(new RegExp(what));
  });
});

describe('a subject', () => {
  const there = { planned: IMAGE.planned, top: IMAGE.descriptor, platforms: IMAGE.platforms };
  const [index] = DRAFTS;
  const arm64 = DRAFTS.find(({ platform }) => platform === 'linux/arm64');
  if (index === undefined || arm64 === undefined) throw new Error('an index and two platforms');

  it('is the index or a platform of the image that the registry has', () => {
    expect(() => requireSubjects(DRAFTS, [there])).not.toThrow();
  });

  it.each<[string, StatementDraft]>([
    ['of another image', { ...index, image: 'other' }],
    ['that the image has not', { ...index, subject: digestOf('nothing') }],
    ['that is another platform', { ...arm64, platform: 'linux/amd64' }],
    ['that is a platform and is called the index', { ...index, subject: arm64.subject }],
    ['that is the index and is called a platform', { ...arm64, subject: index.subject }],
  ])('is refused when it is one %s', (_, draft) => {
    expect(() => requireSubjects([draft], [there])).toThrow(/at the registry/);
  });
});

describe('who may sign for the run that built', () => {
  const claims = someClaims();
  const predicate = DRAFTS[0]?.statement.predicate;

  it('is another run of the same workflow, by another event', () => {
    const other = someClaims({ runId: '77', runAttempt: '1', eventName: 'workflow_dispatch' });
    expect(() => requireSameSigner(claims, other)).not.toThrow();
  });

  it.each([
    ['repository', 'Acme/Other'],
    ['repositoryId', '1'],
    ['repositoryOwnerId', '1'],
    ['ref', 'refs/heads/main'],
    ['sha', 'f'.repeat(40)],
    ['workflowRef', 'Acme/Modules/.github/workflows/other.yml@refs/tags/v1.2.3'],
    ['workflowSha', 'f'.repeat(40)],
    ['jobWorkflowRef', 'Acme/Modules/.github/workflows/other.yml@refs/tags/v1.2.3'],
    ['jobWorkflowSha', 'f'.repeat(40)],
    ['runnerEnvironment', 'self-hosted'],
  ])('is none with another %s', (claim, value) => {
    expect(() => requireSameSigner(someClaims({ [claim]: value }), claims)).toThrow(/expected .*, got /);
  });

  it('signs provenance that names the run', () => {
    expect(() => requireOrigin(predicate, { claims, serverUrl: SERVER, sameRun: true })).not.toThrow();
    const other = { claims: someClaims({ runId: '77' }), serverUrl: SERVER };
    expect(() => requireOrigin(predicate, { ...other, sameRun: false })).not.toThrow();
    expect(() => requireOrigin(predicate, { ...other, sameRun: true })).toThrow(/run of a provenance/);
  });

  it.each([
    ['builder', { jobWorkflowRef: 'Acme/Shared/.github/workflows/build.yml@refs/heads/main' }],
    ['workflow', { workflowRef: 'Acme/Modules/.github/workflows/other.yml@refs/tags/v1.2.3' }],
    ['source', { ref: 'refs/heads/main' }],
    ['commit', { sha: 'f'.repeat(40) }],
  ])('signs no provenance of another %s', (what, change) => {
    const origin = { claims: someClaims(change), serverUrl: SERVER, sameRun: false };
    expect(() => requireOrigin(predicate, origin)).toThrow(`${what} of a provenance`);
  });

  it('signs no provenance of another form', () => {
    expect(() => requireOrigin({}, { claims, serverUrl: SERVER, sameRun: true })).toThrow(
      /provenance: expected SLSA/,
    );
  });
});
