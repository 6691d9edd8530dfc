import { describe, expect, it } from '@jest/globals';
import { createOidc } from '../../../../src/adapters/oidc/oidc.ts';
import { fakeHttp } from '../../../helpers/fake-http.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { GITHUB_CLAIMS } from '../../../helpers/oidc/oidc.ts';
import { quickClock } from '../../../helpers/quick-clock.ts';

const ENV = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.example.com/42/idtoken?api-version=2.0',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer-of-the-runner',
};

function jwt(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

const CLAIMS = { iss: 'https://token.actions.githubusercontent.com', aud: 'sigstore', ...GITHUB_CLAIMS };
const TOKEN = jwt(CLAIMS);

function oidcWith(answer: Parameters<typeof fakeHttp>[0], env: Record<string, string> = ENV) {
  const [http, log] = [fakeHttp(answer), fakeLog()];
  return { oidc: createOidc({ env, clock: quickClock(), http, log }), http, log };
}

const answering = (body: unknown, status = 200) => oidcWith(() => ({ status, body }));

describe('whether there is one', () => {
  it.each([
    ['both', ENV, true],
    ['no address', { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }, false],
    ['no right', { ACTIONS_ID_TOKEN_REQUEST_URL: ENV.ACTIONS_ID_TOKEN_REQUEST_URL }, false],
    ['empty ones', { ...ENV, ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' }, false],
  ])('%s', (_, env, available) => {
    const { oidc, http } = oidcWith(() => ({ status: 200 }), { ...env });
    expect(oidc.available).toBe(available);
    expect(http.requests).toEqual([]);
  });

  it('nobody is asked for what is not there', async () => {
    const { oidc, http } = oidcWith(() => ({ status: 200 }), {});
    await expect(oidc.token('sigstore')).rejects.toMatchObject({ code: 'OIDC_MISSING' });
    expect(http.requests).toEqual([]);
  });
});

describe('a token', () => {
  it('is asked for its audience with the bearer, and masked', async () => {
    const { oidc, http, log } = answering({ count: 1, value: TOKEN });
    expect(await oidc.token('sig store&x=y')).toBe(TOKEN);
    const [request] = http.requests;
    expect(request?.url.searchParams.get('audience')).toBe('sig store&x=y');
    expect(request?.url.searchParams.get('api-version')).toBe('2.0');
    expect(request?.headers.authorization).toBe('Bearer bearer-of-the-runner');
    expect(log.masked).toEqual(['bearer-of-the-runner', TOKEN]);
  });

  it.each([
    ['http', 'http://pipelines.example.com/x'],
    ['no address', 'pipelines'],
    ['a file', 'file:///etc/passwd'],
  ])('is not asked for over %s', async (_, url) => {
    const { oidc, http } = oidcWith(() => ({ status: 200 }), { ...ENV, ACTIONS_ID_TOKEN_REQUEST_URL: url });
    await expect(oidc.token('sigstore')).rejects.toMatchObject({ code: 'OIDC_MISSING' });
    expect(http.requests).toEqual([]);
  });

  it.each([401, 403, 404])('refused with %i is missing', async (status) => {
    const { oidc } = answering({ message: 'bearer-of-the-runner is wrong' }, status);
    await expect(oidc.token('sigstore')).rejects.toMatchObject({
      code: 'OIDC_MISSING',
      message: `the runner's token service refused this job: https://pipelines.example.com: status ${status}`,
    });
  });

  it('that does not come is an outage, told without any secret', async () => {
    const { oidc } = oidcWith(() => ({ kind: 'failure', reason: 'connect ECONNREFUSED', attempts: 12 }));
    const error = await oidc.token('sigstore').catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message:
        "the runner's OIDC token service did not do its work: https://pipelines.example.com: no answer of use after 12 attempts: connect ECONNREFUSED",
    });
  });

  it.each([
    ['no JSON', '<html>'],
    ['no value', {}],
    ['a number', { value: 42 }],
    ['something with a line break', { value: `${TOKEN}\r\nx: y` }],
    ['two parts', { value: 'a.b' }],
    ['nothing', ''],
  ])('that is %s is refused', async (_, body) => {
    const { oidc } = answering(body);
    await expect(oidc.token('sigstore')).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message: expect.stringContaining('its answer holds no token'),
    });
  });
});

describe('claims', () => {
  it('are read', async () => {
    const { oidc } = answering({ value: TOKEN });
    expect(await oidc.claims('sigstore')).toEqual({
      issuer: 'https://token.actions.githubusercontent.com',
      repository: 'Acme/Modules',
      repositoryId: '700100',
      repositoryOwnerId: '700200',
      repositoryVisibility: 'public',
      sha: GITHUB_CLAIMS.sha,
      ref: 'refs/tags/v1.2.3',
      eventName: 'push',
      runId: '4242',
      runAttempt: '1',
      runnerEnvironment: 'github-hosted',
      workflowRef: GITHUB_CLAIMS.workflow_ref,
      workflowSha: GITHUB_CLAIMS.workflow_sha,
      jobWorkflowRef: GITHUB_CLAIMS.job_workflow_ref,
      jobWorkflowSha: GITHUB_CLAIMS.job_workflow_sha,
    });
  });

  it.each([
    ['another visibility', { repository_visibility: 'secret' }],
    ['a short commit', { sha: 'abc123' }],
    ['a repository with a path', { repository: 'Acme/Modules/../Other' }],
    ['a workflow without a ref', { workflow_ref: 'Acme/Modules/.github/workflows/release.yml' }],
    ['a workflow with a blank in its ref', { job_workflow_ref: 'a/b/c.yml@refs/heads/main x' }],
    ['a repository that is the folder above', { repository: 'Acme/..' }],
    ['a ref with a line break', { ref: 'refs/tags/v1\n## owned' }],
    ['an issuer that is none', { iss: 'javascript:alert(1)' }],
    ['a run that is no number', { run_id: '42; rm' }],
    ['no event', { event_name: undefined }],
    ['a list', { sha: [GITHUB_CLAIMS.sha] }],
  ])('with %s are refused, and none of them is repeated', async (_, change) => {
    const { oidc } = answering({ value: jwt({ ...CLAIMS, ...change }) });
    await expect(oidc.claims('sigstore')).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      message:
        "the runner's OIDC token service did not do its work: https://pipelines.example.com: its token lacks the claims of a GitHub job",
    });
  });

  it.each([
    ['no JSON', 'a.b.c'],
    ['a text', jwt('claims')],
    ['null', jwt(null)],
  ])('that are %s are refused', async (_, value) => {
    const { oidc } = answering({ value });
    await expect(oidc.claims('sigstore')).rejects.toMatchObject({ code: 'SIGSTORE_UNAVAILABLE' });
  });
});
