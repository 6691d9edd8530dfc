import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createGitHub } from '../../../../src/adapters/github/github.ts';
import { createHttp } from '../../../../src/adapters/http/http.ts';
import type { DeploymentRequest, DeploymentState } from '../../../../src/model/deployment.ts';
import { fakeHttp } from '../../../helpers/fake-http.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { type GitHubApi, gitHubApi } from '../../../helpers/github-api.ts';
import { quickClock } from '../../../helpers/quick-clock.ts';

/** Over real connections, to a stand-in that behaves as GitHub documents. */
let api: GitHubApi;
beforeAll(async () => {
  api = await gitHubApi({});
});
afterAll(() => api.close());
beforeEach(() => {
  api.failWith(undefined);
  api.deployments.clear();
  api.requests.length = 0;
});

const COMMIT = 'c'.repeat(40);
const RUN = 'https://github.com/acme/app/actions/runs/1';

function aRequest(nonce: string, change: Partial<DeploymentRequest> = {}): DeploymentRequest {
  const payload = { nonce, channel: 'prod', kind: 'promote', version: '1.2.3', run: RUN } as const;
  return {
    environment: 'production / EU',
    revision: COMMIT,
    description: 'prod at 1.2.3',
    isProduction: true,
    payload: { ...payload, immutable_tag: '1.2.3' },
    ...change,
  };
}

function github(token: string | undefined = 'ghs_token') {
  const clock = quickClock();
  const http = createHttp({ clock, log: fakeLog(), env: {} });
  const options = { apiUrl: api.url, serverUrl: 'https://github.com', http, log: fakeLog() };
  const port = createGitHub({ ...options, ...(token === '' ? {} : { token }) });
  const until = () => clock.elapsed() + 8000;
  return {
    create: (request: DeploymentRequest) => port.createDeployment('acme/app', request, until()),
    status: (id: number, state: DeploymentState) =>
      port.setDeploymentStatus('acme/app', id, { state, description: 'words', logUrl: RUN }, until()),
    unfinished: (immutableTag: string, environment = 'production / EU') =>
      port.unfinishedDeployment('acme/app', { environment, immutableTag }, until()),
    retire: (id: number, environment = 'production / EU') =>
      port.retireDeployments('acme/app', { id, environment }, RUN, until()),
  };
}

/** A record at `success`, as `change` has it. */
async function done(nonce: string, change: Partial<DeploymentRequest> = {}): Promise<number> {
  const id = await github().create(aRequest(nonce, change));
  await github().status(id, 'success');
  return id;
}

describe('a deployment', () => {
  it('is recorded without a merge and without waiting for checks, and gets its statuses', async () => {
    const id = await github().create(aRequest('a'));
    await github().status(id, 'in_progress');
    await github().status(id, 'success');
    const status = { description: 'words', log_url: RUN };
    expect(api.deployments.stored).toEqual([
      {
        id,
        ref: COMMIT,
        environment: 'production / EU',
        description: 'prod at 1.2.3',
        production_environment: true,
        payload: aRequest('a').payload,
        statuses: [
          { state: 'in_progress', ...status },
          { state: 'success', ...status },
        ],
      },
    ]);
    expect(api.requests.map(({ line }) => line)).toEqual([
      'POST /repos/acme/app/deployments',
      `POST /repos/acme/app/deployments/${id}/statuses`,
      `POST /repos/acme/app/deployments/${id}/statuses`,
    ]);
    expect(api.requests[0]?.authorization).toBe('Bearer ghs_token');
  });

  it.each([
    ['was cut off', 0],
    ['was an error', 502],
  ])('is not recorded twice when its answer %s', async (_, status) => {
    api.failNext({ when: /^POST/, status, isDone: true });
    expect(await github().create(aRequest('a'))).toBe(api.deployments.stored[0]?.id);
    expect(api.deployments.stored).toHaveLength(1);
  });

  it('is asked for once more when it was not recorded, whatever others have recorded', async () => {
    await done('other');
    api.failNext({ when: /^POST/, status: 502 });
    expect(await github().create(aRequest('a'))).toBe(api.deployments.stored[1]?.id);
    expect(api.deployments.stored.map(({ payload }) => payload.nonce)).toEqual(['other', 'a']);
  });

  it('outlives a status that has to be sent again', async () => {
    const id = await github().create(aRequest('a'));
    api.failNext({ when: /statuses$/, status: 503, times: 2 });
    await github().status(id, 'success');
    expect(api.deployments.states()).toEqual([['success']]);
  });
});

describe('the earlier deployments', () => {
  it('for production become inactive, which GitHub does not do by itself', async () => {
    await done('a');
    const id = await done('b');
    expect(api.deployments.states()).toEqual([['success'], ['success']]);
    await github().retire(id);
    expect(api.deployments.states()).toEqual([['success', 'inactive'], ['success']]);
    await github().retire(id);
    expect(api.deployments.states()).toEqual([['success', 'inactive'], ['success']]);
  });

  it('that failed, of other environments, or of jobs that still run, are left as they are', async () => {
    const { create, status } = github();
    await done('other', { environment: 'production' });
    await status(await create(aRequest('failed')), 'failure');
    await status(await create(aRequest('killed')), 'in_progress');
    await status(await create(aRequest('job')), 'in_progress');
    // A job with this environment has a deployment by GitHub itself.
    Object.assign(api.deployments.stored[3] ?? {}, { payload: '' });
    await github().retire(await done('now'));
    expect(api.deployments.states()).toEqual([
      ['success'],
      ['failure'],
      ['in_progress', 'inactive'],
      ['in_progress'],
      ['success'],
    ]);
  });

  it('are looked at back to the first that is inactive', async () => {
    for (const nonce of ['a', 'b', 'c']) await github().retire(await done(nonce));
    const id = await done('d');
    api.requests.length = 0;
    await github().retire(id);
    expect(api.requests.map(({ line }) => line.split('/deployments')[1])).toEqual([
      '?environment=production%20%2F%20EU&per_page=10',
      `/${id - 1}/statuses?per_page=1`,
      `/${id - 1}/statuses`,
      `/${id - 2}/statuses?per_page=1`,
    ]);
    expect(api.deployments.states().map((states) => states.at(-1))).toEqual([
      'inactive',
      'inactive',
      'inactive',
      'success',
    ]);
  });
});

describe('a record that nobody has ended', () => {
  it('is found while it is the newest of ours, and of this release', async () => {
    const { create, status, unfinished } = github();
    expect(await unfinished('1.2.3')).toBeUndefined();
    await done('a');
    expect(await unfinished('1.2.3')).toBeUndefined();
    const id = await create(aRequest('b'));
    expect(await unfinished('1.2.3')).toBe(id);
    await status(id, 'in_progress');
    await create(aRequest('job'));
    Object.assign(api.deployments.stored[2] ?? {}, { payload: '' });
    expect(await unfinished('1.2.3')).toBe(id);
    expect(await unfinished('1.2.4')).toBeUndefined();
    expect(await unfinished('1.2.3', 'staging')).toBeUndefined();
    await status(id, 'failure');
    expect(await unfinished('1.2.3')).toBeUndefined();
  });
});

describe('a refusal', () => {
  it.each<[string, () => void, string, string]>([
    [
      'the permission is missing',
      () => {
        api.deployments.mayWrite = false;
      },
      'the deployments of acme/app at GitHub answer 403 Resource not accessible by integration',
      'Add `permissions: deployments: write` to the job.',
    ],
    [
      'the repository does not have the commit',
      () => api.deployments.unknown.add(COMMIT),
      `answer 422 No ref found for: ${COMMIT}`,
      'GitHub records deployments of commits that the repository has.',
    ],
    ['the token is none', () => api.failWith(401), 'answer 401', 'Check `github-token`'],
    ['the service is away', () => api.failWith(500), 'answer 500', 'does not depend on it'],
    ['nobody is there', () => api.failWith(0), 'cannot be reached', 'does not depend on it'],
  ])('says what is missing when %s', async (_, breakIt, message, hint) => {
    breakIt();
    const work = github().create(aRequest('a'));
    await expect(work).rejects.toMatchObject({
      code: 'GITHUB_REFUSED',
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    await expect(work).rejects.toMatchObject({ message: expect.not.stringContaining('ghs_token') });
  });

  it('is ours where there is no token', async () => {
    await expect(github('').create(aRequest('a'))).rejects.toMatchObject({ code: 'GITHUB_REFUSED' });
    expect(api.requests).toEqual([]);
  });

  it.each<[string, { readonly status: number; readonly body: unknown }]>([
    ['no number', { status: 201, body: { id: '7' } }],
    ['no whole number', { status: 201, body: { id: 7.5 } }],
    ['none', { status: 201, body: { id: 0 } }],
    ['no JSON', { status: 201, body: '<html>' }],
    ['a merge', { status: 202, body: { message: 'Auto-merged' } }],
  ])('is an id that is %s', async (_, answer) => {
    const http = fakeHttp(() => answer);
    const port = createGitHub({ apiUrl: api.url, serverUrl: '', http, log: fakeLog(), token: 't' });
    await expect(port.createDeployment('acme/app', aRequest('a'), 0)).rejects.toMatchObject({
      code: 'GITHUB_REFUSED',
    });
  });

  it('is a list that is none', async () => {
    const http = fakeHttp(() => ({ status: 200, body: [{ id: '../../user', payload: {} }] }));
    const port = createGitHub({ apiUrl: api.url, serverUrl: '', http, log: fakeLog(), token: 't' });
    const current = { id: 9, environment: 'x' };
    await expect(port.retireDeployments('acme/app', current, RUN, 0)).rejects.toMatchObject({
      message: 'GitHub does not list the deployments of acme/app',
    });
  });
});
