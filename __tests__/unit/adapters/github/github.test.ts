import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createGitHub } from '../../../../src/adapters/github/github.ts';
import { readAbout } from '../../../../src/adapters/github/schema.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { type GitHubApi, gitHubApi } from '../../../helpers/github-api.ts';

const MODULES = {
  id: 1,
  description: 'Modules of Acme',
  license: { key: 'apache-2.0', spdx_id: 'Apache-2.0' },
  visibility: 'internal',
  private: true,
  html_url: 'https://github.com/Acme/Modules',
  default_branch: 'main',
};

let api: GitHubApi;

beforeAll(async () => {
  api = await gitHubApi({ 'acme/modules': MODULES, 'acme/odd': { description: 7 } });
});
afterAll(() => api.close());
beforeEach(() => {
  api.failWith(undefined);
  api.requests.length = 0;
});

const ask = (repository: string, token?: string) => {
  const log = fakeLog();
  const http = { exchange: () => Promise.reject(new Error('not asked')) };
  const github = createGitHub({
    apiUrl: api.url,
    serverUrl: 'https://github.com',
    http,
    log,
    ...(token === undefined ? {} : { token }),
  });
  return github.about(repository).then((about) => ({ about, lines: log.lines }));
};

describe('about a repository', () => {
  it('asks the given API with the token', async () => {
    const { about } = await ask('Acme/Modules', 'gho_token');
    expect(about).toEqual({
      description: 'Modules of Acme',
      license: 'Apache-2.0',
      visibility: 'internal',
      htmlUrl: 'https://github.com/Acme/Modules',
      defaultBranch: 'main',
    });
    expect(api.requests).toEqual([{ line: 'GET /repos/Acme/Modules', authorization: 'token gho_token' }]);
  });

  it.each([
    ['does not exist', 'acme/none', undefined],
    ['may not be seen', 'acme/modules', 403],
    ['cannot be had now', 'acme/modules', 503],
    ['cannot be reached', 'acme/modules', 0],
    ['has an odd form', 'acme/odd', undefined],
  ])('is unknown when it %s, and says so for debugging, without the token', async (_, repository, status) => {
    api.failWith(status);
    const { about, lines } = await ask(repository, 'gho_token');
    expect(about).toBeUndefined();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^debug: GitHub did not say anything about acme\//);
    expect(lines[0]).not.toContain('gho_token');
  });

  it.each([
    ['there is no token', 'acme/modules', undefined],
    ['the name is none', 'modules', 'gho_token'],
  ])('is not asked for when %s', async (_, repository, token) => {
    expect((await ask(repository, token)).about).toBeUndefined();
    expect(api.requests).toEqual([]);
  });

  it('keeps a hostile name inside its place in the address', async () => {
    await ask('acme/..%2f..%2fuser', 'gho_token');
    expect(api.requests.map(({ line }) => line)).toEqual(['GET /repos/acme/..%252f..%252fuser']);
  });
});

describe('the answer', () => {
  it.each([
    ['nothing is known', {}, {}],
    ['all is null', { description: null, license: null }, {}],
    ['the license is not a known one', { license: { spdx_id: 'NOASSERTION' } }, {}],
    ['the server knows no visibility', { private: true }, { visibility: 'private' }],
  ])('is read when %s', (_, answer, about) => {
    expect(readAbout(answer)).toEqual(about);
  });
});
