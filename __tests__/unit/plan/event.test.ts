import { describe, expect, it } from '@jest/globals';
import { branchOf, readEvent, tagOf } from '../../../src/plan/event.ts';
import { aContext, aPullRequest, COMMIT, someFacts } from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

const HEAD = '89abcdef0123456789abcdef0123456789abcdef';
const OTHER = 'e'.repeat(40);

describe('what an event is to us', () => {
  it.each([
    ['push-tag', 'tag'],
    ['release-published', 'tag'],
    ['dispatch-tag', 'tag'],
    ['push-branch', 'branch'],
    ['dispatch-branch', 'dispatch'],
    ['schedule', 'schedule'],
    ['pull-request', 'pull-request'],
    ['merge-group', 'pull-request'],
    ['pull-request-fork', 'fork'],
    ['pull-request-deleted-fork', 'fork'],
    ['pull-request-target', 'branch'],
    ['workflow-run', 'branch'],
    ['issue-comment', 'branch'],
  ])('%s with the checkout at its own commit: %s', (name, kind) => {
    expect(readEvent(capturedContext(name), someFacts())).toEqual({ kind, revision: COMMIT, problems: [] });
  });

  it('compares repositories as GitHub does, without regard to case', () => {
    const context = aContext(aPullRequest({ headRepository: 'acme/MODULES' }));
    expect(readEvent(context, someFacts()).kind).toBe('pull-request');
  });

  it('is careful with a pull request whose payload cannot be read', () => {
    const { pullRequest: _, ...context } = aContext(aPullRequest());
    expect(readEvent(context, someFacts()).kind).toBe('fork');
  });

  it.each(['', 'refs/notes/x', 'main', 'refs/tagsv1.2.3'])('has no use for the ref %j', (ref) => {
    const { problems } = readEvent(aContext({ ref }), someFacts());
    expect(problems).toEqual([
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(ref) }),
    ]);
  });

  it('takes the names out of refs', () => {
    expect(tagOf(aContext({ ref: 'refs/tags/a/v1' }))).toBe('a/v1');
    expect(tagOf(aContext({ ref: 'refs/heads/refs/tags/v1' }))).toBeUndefined();
    expect(branchOf(aContext({ ref: 'refs/heads/a/b' }))).toBe('a/b');
  });
});

describe('the commit', () => {
  it.each(['pull-request', 'pull-request-fork', 'pull-request-deleted-fork'])(
    'of %s may be the merge commit or the head of the branch',
    (name) => {
      expect(readEvent(capturedContext(name), someFacts({ head: HEAD }))).toMatchObject({
        revision: HEAD,
        problems: [],
      });
    },
  );

  it.each(['push-tag', 'push-branch', 'dispatch-branch', 'schedule', 'release-published', 'pull-request'])(
    'of %s is refused when another one is checked out, naming both',
    (name) => {
      const { problems, revision } = readEvent(capturedContext(name), someFacts({ head: OTHER }));
      expect(problems.map(({ code }) => code)).toEqual(['COMMIT_MISMATCH']);
      expect(problems[0]?.message).toContain(OTHER);
      expect(problems[0]?.message).toContain(COMMIT);
      expect(revision).toBe(COMMIT);
    },
  );

  it.each(['pull-request-target', 'workflow-run', 'issue-comment'])(
    'of %s must be its own: the head of the pull request is refused',
    (name) => {
      const { problems } = readEvent(capturedContext(name), someFacts({ head: HEAD }));
      expect(problems.map(({ code }) => code)).toEqual(['EVENT_REFUSED']);
      expect(problems[0]?.message).toContain(HEAD);
    },
  );

  it.each(['push-tag', 'issue-comment'])('of %s cannot be known without a checkout', (name) => {
    const { head: _, ...facts } = someFacts();
    const { problems } = readEvent(capturedContext(name), facts);
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'COMMIT_MISMATCH',
        message: expect.stringContaining('no git checkout'),
        hint: expect.stringContaining('actions/checkout'),
      }),
    ]);
  });
});
