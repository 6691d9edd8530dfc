import { describe, expect, it } from '@jest/globals';
import { createGitHub } from '../../../../src/adapters/github/github.ts';
import { fakeHttp } from '../../../helpers/fake-http.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)] as const;

function ask(
  answer: Parameters<typeof fakeHttp>[0],
  token: string | undefined = 'gho_token',
  base: string = OLD,
) {
  const http = fakeHttp(answer);
  const log = fakeLog();
  const github = createGitHub({
    apiUrl: 'https://api.github.com/',
    serverUrl: 'https://github.com',
    http,
    log,
    ...(token === '' ? {} : { token }),
  });
  return github
    .compare('Acme/Modules', base, NEW)
    .then((ancestry) => ({ ancestry, log, requests: http.requests }));
}

describe('how a commit stands to another', () => {
  it.each(['ahead', 'behind', 'identical', 'diverged'] as const)('%s', async (status) => {
    const { ancestry, requests } = await ask(() => ({
      status: 200,
      body: { status, commits: [{}], extra: 1 },
    }));
    expect(ancestry).toBe(status);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'GET', headers: { authorization: 'Bearer gho_token' } });
    // The first page would hold every changed file with its patch.
    expect(requests[0]?.url.href).toBe(
      `https://api.github.com/repos/Acme/Modules/compare/${OLD}...${NEW}?per_page=1&page=2`,
    );
  });

  it.each<[string, Parameters<typeof fakeHttp>[0]]>([
    ['a commit that is not there', () => ({ status: 404, body: { message: 'Not Found' } })],
    ['an outage', () => ({ kind: 'failure', reason: 'ECONNREFUSED', attempts: 9 })],
    ['an answer too late', () => ({ kind: 'late', attempts: 3 })],
    ['another answer', () => ({ status: 200, body: { status: 'above' } })],
    ['no JSON', () => ({ status: 200, body: '<html>' })],
  ])('is unknown after %s', async (_, answer) => {
    const { ancestry, log } = await ask(answer);
    expect(ancestry).toBeUndefined();
    expect(log.lines.join('\n')).toContain('GitHub did not compare');
  });

  it('is not asked without a token, nor about what is no commit', async () => {
    const never = () => ({ status: 200, body: { status: 'ahead' } });
    expect((await ask(never, '')).requests).toEqual([]);
    expect(await ask(never, 'gho_token', '../../user')).toMatchObject({ ancestry: undefined, requests: [] });
  });
});
