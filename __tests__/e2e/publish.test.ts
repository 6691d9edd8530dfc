import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { FAILED, REJECTED, STUCK } from '../helpers/publish-platform/jobs.ts';
import {
  type PlatformRequest,
  type RunningPlatform,
  startPlatform,
} from '../helpers/publish-platform/platform.ts';
import type { ActionRun, RunOptions } from '../helpers/run-action.ts';
import { leaksOf } from './helpers/leaks.ts';
import { aManifest, aModule, KEY, PUBLIC_KEY } from './helpers/publish-bench.ts';

const TOKEN = 'hla-e2e-token-0123456789abcdef';
const SIGNERS = [{ type: 'github_actions_oidc', identityRegexp: '^https://github.com/Acme/' }];

let bench: E2eBench;
let platform: RunningPlatform;
let module: GitRepository;
beforeAll(async () => {
  bench = await e2eBench();
  platform = await startPlatform({
    token: TOKEN,
    trustedSigners: SIGNERS,
    allowed: [`${bench.registry.host}/acme/`],
  });
  module = aModule(bench);
});
beforeEach(() => {
  platform.faults.clear();
  platform.jobs.all.length = 0;
  platform.jobs.courses = [[{ status: 'completed' }]];
});
afterAll(async () => {
  await platform.stop();
  await bench.dispose();
});

type Publishing = { readonly run: ActionRun; readonly requests: readonly PlatformRequest[] };

async function publish(
  inputs: Readonly<Record<string, string>> = {},
  {
    repository = module,
    ...more
  }: Omit<Partial<RunOptions>, 'repository'> & { repository?: GitRepository } = {},
): Promise<Publishing> {
  const before = platform.requests.length;
  const run = await bench.run(
    repository,
    {
      publish: 'true',
      'publish-url': platform.url,
      'publish-token': TOKEN,
      'publish-key': KEY,
      namespace: 'acme',
      ...inputs,
    },
    more,
  );
  return { run, requests: platform.requests.slice(before) };
}

const isDryRun = ({ body }: PlatformRequest): boolean => body.includes('"dryRun": true');
const refuse = (status: number, body: unknown) => ({
  when: { method: 'POST' },
  effect: { do: 'answer', status, body: JSON.stringify(body) } as const,
});

describe('a release that is published', () => {
  let first: Publishing;
  let second: Publishing;
  beforeAll(async () => {
    platform.jobs.courses = [[{ status: 'completed' }]];
    first = await publish({ namespace: 'acme/first' });
    second = await publish({ namespace: 'acme/first' });
  });

  it('is asked about before it is built, and told by digest at last', () => {
    const { run, requests } = first;
    expect(run.log).not.toContain('::error');
    expect(run.exitCode).toBe(0);
    expect(requests.map((each) => `${each.method}${isDryRun(each) ? ' dry run' : ''}`)).toEqual([
      'POST dry run',
      'POST',
      'GET',
    ]);
    const [dryRun, told] = requests.map(({ body }) => JSON.parse(body || '{}'));
    const repository = `${bench.registry.host}/acme/first/peptide-counter`;
    expect(dryRun.imageRef).toBe(`${repository}:1.2.3`);
    expect(told.imageRef).toBe(`${repository}@${run.outputs.digest}`);
    expect(told.manifest.keyFingerprint).toBe(dryRun.manifest.keyFingerprint);
  });

  it('is told in outputs, summary and release.json', () => {
    const { outputs, summary } = first.run;
    const [job] = first.requests.slice(-1).map(({ path }) => path.split('/').pop());
    expect(outputs).toMatchObject({
      status: 'released',
      'publish-id': job,
      'publish-status': 'published',
      'publish-public-key': PUBLIC_KEY,
    });
    expect(summary).toContain('### Publish');
    expect(summary).toContain('✅ published');
    const record = JSON.parse(readFileSync(outputs.record ?? '', 'utf8'));
    expect(record.published).toMatchObject([
      {
        image: 'peptide-counter',
        name: 'peptide-counter',
        version: '1.2.3',
        outcome: 'published',
        job: { id: job },
      },
    ]);
    expect(record.plan.publish).toEqual([{ image: 'peptide-counter', manifest: 'manifest.json' }]);
  });

  it('shows neither token nor key, in no line', () => {
    const lines = KEY.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
    expect(leaksOf(first.run, [TOKEN, ...lines])).toEqual([]);
  });

  it('is unchanged in a re-run on another machine, and nothing is sent again', () => {
    const { run, requests } = second;
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ status: 'unchanged', 'publish-status': 'unchanged' });
    expect(run.outputs['publish-id']).toBe(first.run.outputs['publish-id']);
    expect(requests.filter(({ method }) => method === 'POST').every(isDryRun)).toBe(true);
  });
});

describe('what the documents warn of', () => {
  it.each<[string, number, unknown, string, RegExp]>([
    [
      'REGISTRY_UNAUTHORIZED',
      403,
      { error: { code: 'REGISTRY_UNAUTHORIZED', message: 'Registry not in allowlist' } },
      'REGISTRY_UNAUTHORIZED',
      /Org Settings → Registries/,
    ],
    ['an expired token', 401, { message: 'jwt expired' }, 'PUBLISH_AUTH', /publish-token/],
    [
      'no developer',
      403,
      { message: 'Module publish requires developer access' },
      'PUBLISH_FORBIDDEN',
      /role `developer`/,
    ],
    [
      'an unknown code',
      422,
      { error: { code: 'NEW_RULE_77', message: 'because' } },
      'PUBLISH_FAILED',
      /NEW_RULE_77: because/,
    ],
  ])('%s is found before anything is built', async (_, status, body, code, words) => {
    platform.faults.add(refuse(status, body));
    const writes = writesOf(bench.registry.requests).length;
    const { run, requests } = await publish({ namespace: 'acme/refused' });
    expect(run.exitCode).toBe(1);
    expect(run.outputs['error-code']).toBe(code);
    expect(run.log).toMatch(words);
    expect(run.log).not.toContain('Build into the staging store');
    expect(writesOf(bench.registry.requests)).toHaveLength(writes);
    expect(requests).toHaveLength(1);
  });

  it('a namespace that is not allowed, by the platform itself', async () => {
    const { run } = await publish({ namespace: 'strangers' });
    expect(run.outputs['error-code']).toBe('REGISTRY_UNAUTHORIZED');
    expect(run.log).toContain(`add ${bench.registry.host}/strangers/* under Org Settings → Registries`);
  });

  it('manifest.json not found', async () => {
    const repository = bench.checkout({ Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' });
    const { run, requests } = await publish({ image: 'x' }, { repository });
    expect(run.outputs['error-code']).toBe('MANIFEST_NOT_FOUND');
    expect(requests).toEqual([]);
  });

  it.each([
    [
      'Security scan failed',
      REJECTED,
      /rejected .* in the phase scan: Security scan failed .*2 CRITICAL, 5 HIGH/,
      /waiver/,
      'rejected',
    ],
    ['an image that the platform cannot pull', FAILED, /failed .*Image not found/, /read:packages/, 'failed'],
  ] as const)('%s', async (name, course, message, hint, status) => {
    platform.jobs.courses = [course];
    const { run } = await publish({ namespace: `acme/${name.toLowerCase().replaceAll(' ', '-')}` });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({
      'error-code': 'PUBLISH_FAILED',
      'publish-status': status,
      pushed: 'true',
    });
    expect(run.log).toMatch(message);
    expect(run.log).toMatch(hint);
    expect(run.summary).toContain(`❌ ${status}`);
  });

  it('a version that is there with other bytes: bump it', async () => {
    const imageRef = `ghcr.io/acme/peptide-counter@sha256:${'9'.repeat(64)}`;
    platform.jobs.take({ key: 'k', name: 'peptide-counter', version: '1.2.3', imageRef, bytes: '' });
    const { run } = await publish({ namespace: 'acme/taken' });
    expect(run.outputs['error-code']).toBe('PUBLISH_VERSION_EXISTS');
    expect(run.log).toContain(`as sha256:${'9'.repeat(64)}`);
    expect(run.log).toContain('Set the version of manifest.json to 1.2.4 or higher');
  });

  it('a deadline, which is no failure of the version', async () => {
    platform.jobs.courses = [STUCK];
    const { run } = await publish({ namespace: 'acme/stuck', 'publish-timeout': '1s' });
    expect(run.outputs).toMatchObject({ 'error-code': 'PUBLISH_TIMEOUT', 'publish-status': 'timeout' });
    const watch = `hla-compass publish-status --env dev --watch ${run.outputs['publish-id']}`;
    expect(run.log).toContain(watch);
    expect(run.summary).toContain('Watch it');
  });

  it('a private image: the credential that the platform needs is named', async () => {
    const closed = await e2eBench({ auth: { kind: 'basic', users: { robot: 'pull-me' } } });
    const open = await startPlatform({ token: TOKEN });
    const repository = aModule(closed);
    const run = await closed.run(repository, {
      publish: 'true',
      'publish-url': open.url,
      'publish-token': TOKEN,
      'publish-key': KEY,
      username: 'robot',
      password: 'pull-me',
      namespace: 'acme',
    });
    await Promise.all([closed.dispose(), open.stop()]);
    expect(run.exitCode).toBe(0);
    expect(run.log).toMatch(
      /Nobody can pull .* without credentials\. The platform needs a read-only credential for/,
    );
  });
});

describe('who signs', () => {
  it('with a key of this run: the output has it, and the summary says what that means', async () => {
    const { run, requests } = await publish({
      namespace: 'acme/generated',
      'publish-key': '',
      'generate-keys': 'true',
      'publish-wait': 'false',
    });
    expect(run.exitCode).toBe(0);
    const der = (run.outputs['publish-public-key'] ?? '').split('\n').slice(1, -2).join('');
    for (const { body } of requests) expect(JSON.parse(body).manifest.publicKey).toBe(der);
    expect(run.summary).toContain('every release has a new identity');
    expect(run.outputs['publish-status']).toBe('accepted');
  });

  it('nobody, of the images: the platform may refuse them', async () => {
    const { run } = await publish({ namespace: 'acme/unsigned', attest: 'false' });
    expect(run.log).toMatch(
      /HLA-Compass dev may refuse the image of peptide-counter: it trusts signed images only/,
    );
  });
});

describe('another platform', () => {
  it('a webhook of the config gets the release by digest, signed', async () => {
    const heard: { headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      heard.push({ headers: request.headers, body });
      response.end();
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    const config = `publish: { webhook: "http://127.0.0.1:${port}/hook", when: { tag: "v*" } }\n`;
    const repository = aModule(bench, aManifest(), { [CONFIG]: config });
    const run = await bench.run(repository, { 'publish-token': TOKEN, namespace: 'acme/hook' });
    server.close();
    expect(run.exitCode).toBe(0);
    expect(run.outputs['publish-status']).toBe('accepted');
    const { headers, body } = heard[0]!;
    const signature = createHmac('sha256', TOKEN).update(body).digest('hex');
    expect(headers['x-hub-signature-256']).toBe(`sha256=${signature}`);
    expect(JSON.parse(body)).toMatchObject({
      module: 'peptide-counter',
      version: '1.2.3',
      image: { ref: run.outputs['image-ref'] },
      source: { revision: repository.sha },
    });
    expect(leaksOf(run, [TOKEN])).toEqual([]);
  });
});

describe('when', () => {
  it.each([
    [{ 'dry-run': 'true' }, 'simulate'],
    [{ command: 'plan' }, 'simulate'],
  ])('with %j nothing is published, and the platform is asked', async (inputs, decision) => {
    const { run, requests } = await publish({ namespace: 'acme/dry', ...inputs });
    expect(run.exitCode).toBe(0);
    expect(requests.map(isDryRun)).toEqual([true]);
    const plan = JSON.parse(run.outputs.plan ?? '{}');
    expect(plan.steps).toContainEqual(expect.objectContaining({ id: 'publish', do: decision }));
  });

  it('the config says so, by tag', async () => {
    const config = 'publish: { env: staging, scope: public, when: { tag: "v*" } }\n';
    const repository = aModule(bench, aManifest(), { [CONFIG]: config });
    const { run, requests } = await publish({ publish: '', namespace: 'acme/by-tag' }, { repository });
    expect(run.exitCode).toBe(0);
    expect(JSON.parse(requests[1]?.body ?? '').scope).toBe('public');
    expect(run.outputs['publish-status']).toBe('accepted');
  });

  it('secrets are missing: said before the build, together', async () => {
    const { run, requests } = await publish({ 'publish-token': '', 'publish-key': '' });
    expect(run.outputs['error-code']).toBe('INPUT_INVALID');
    expect(run.log).toContain('it needs a `publish-token` for dev');
    expect(run.log).toContain('it needs a `publish-key` or `generate-keys: true`');
    expect(requests).toEqual([]);
  });
});
