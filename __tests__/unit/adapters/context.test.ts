import { describe, expect, it } from '@jest/globals';
import { parseContext } from '../../../src/adapters/runner/context.ts';
import { capturedContext, capturedEvent } from '../../helpers/captured-event.ts';

const HEAD = '89abcdef0123456789abcdef0123456789abcdef';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

describe('the context of a run', () => {
  it('takes the run from the environment and the repository from the payload', () => {
    expect(capturedContext('push-tag')).toEqual({
      eventName: 'push',
      repository: 'Acme/Modules',
      owner: 'Acme',
      ref: 'refs/tags/v1.2.3',
      // Not `after` of the payload, which for an annotated tag is the tag object.
      sha: COMMIT,
      defaultBranch: 'main',
      actor: 'octocat',
      runId: '4242424242',
      runAttempt: 1,
      runNumber: 7,
      workflow: 'release',
      job: 'release',
      serverUrl: 'https://github.com',
      apiUrl: 'https://api.github.com',
      baseRef: 'refs/heads/main',
      about: {
        description: 'Container modules of Acme',
        license: 'Apache-2.0',
        visibility: 'public',
        htmlUrl: 'https://github.com/Acme/Modules',
        defaultBranch: 'main',
      },
    });
  });

  it.each<[string, string | undefined]>([
    ['pull-request', 'Acme/Modules'],
    ['pull-request-fork', 'octocat/Modules'],
    ['pull-request-deleted-fork', undefined],
  ])('knows where the head of %s comes from', (name, headRepository) => {
    const { pullRequest } = capturedContext(name);
    expect(pullRequest).toEqual({
      number: 7,
      headSha: HEAD,
      headRef: 'topic',
      baseRef: 'main',
      ...(headRepository === undefined ? {} : { headRepository }),
    });
  });

  it('knows nothing of the repository when a schedule does not carry it', () => {
    const context = capturedContext('schedule');
    expect(context.about).toEqual({});
    expect(context).not.toHaveProperty('defaultBranch');
    expect(context).not.toHaveProperty('pullRequest');
  });

  it.each<[string, string | undefined]>([
    ['absent', undefined],
    ['empty', ''],
    ['no JSON', '{"repository":'],
    ['no object', '[1]'],
    ['of other shapes', '{"repository":7,"pull_request":{"number":"7"},"base_ref":{}}'],
    ['poisoned', '{"__proto__":{"pull_request":{"number":1}}}'],
  ])('reads a payload that is %s as one that says nothing', (_, json) => {
    const context = parseContext(capturedEvent('pull-request-fork').env, json);
    expect(context.about).toEqual({});
    expect(context.pullRequest).toBeUndefined();
    expect(context.baseRef).toBeUndefined();
  });

  it('keeps of a repository what has the documented shape', () => {
    const repository = {
      description: null,
      license: 'MIT',
      private: true,
      html_url: 7,
      default_branch: 'trunk',
    };
    const { about } = parseContext(capturedEvent('push-tag').env, JSON.stringify({ repository }));
    expect(about).toEqual({ visibility: 'private', defaultBranch: 'trunk' });
  });

  it.each([
    ['GITHUB_REPOSITORY', ''],
    ['GITHUB_REPOSITORY', 'acme'],
    ['GITHUB_REPOSITORY', 'acme/modules/more'],
    ['GITHUB_REPOSITORY', 'acme/modules\n::set-output::'],
    ['GITHUB_SHA', ''],
    ['GITHUB_SHA', 'main'],
    ['GITHUB_EVENT_NAME', ''],
    ['GITHUB_RUN_ID', '12; rm'],
  ])('refuses %s=%j by name', (name, value) => {
    const env = { ...capturedEvent('push-tag').env, [name]: value };
    expect(() => parseContext(env, '{}')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID', message: expect.stringContaining(name) }),
    );
  });

  it('is at github.com and in the first attempt when the runner does not say', () => {
    const {
      GITHUB_SERVER_URL: _s,
      GITHUB_API_URL: _a,
      GITHUB_RUN_ATTEMPT: _r,
      ...env
    } = capturedEvent('push-tag').env;
    expect(parseContext(env, undefined)).toMatchObject({
      serverUrl: 'https://github.com',
      apiUrl: 'https://api.github.com',
      runAttempt: 1,
    });
    const server = parseContext({ ...env, GITHUB_SERVER_URL: 'https://ghe.example.com/' }, undefined);
    expect(server.serverUrl).toBe('https://ghe.example.com');
  });
});
