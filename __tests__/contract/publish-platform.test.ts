import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compassAt, IMAGE, noteBoard, publishOnce } from '../helpers/publish-bench.ts';
import { CANCELLED, FAILED, REJECTED, STUCK, SUBMITTED } from '../helpers/publish-platform/jobs.ts';
import { type RunningPlatform, startPlatform } from '../helpers/publish-platform/platform.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import type { FaultEffect } from '../helpers/registry/faults.ts';

let platform: RunningPlatform;
beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(() => platform.stop());

const ROUTE = '/v1/modules/publish';
const good = () => platform.jobs.good('parser', '1.2.3');
const ask = (patience = {}) => publishOnce(compassAt(platform.url), noteBoard(), { patience });
const post = { method: 'POST' };

describe('a publish that goes well', () => {
  it('is one request, watched to its end', async () => {
    const { module, error } = await ask();
    expect(error).toBeUndefined();
    expect(module).toMatchObject({
      outcome: 'published',
      platform: 'HLA-Compass dev',
      job: { status: 'completed', state: 'published', scan: { counts: { CRITICAL: 0, HIGH: 0 } } },
    });
    expect(platform.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST ${ROUTE}`,
      `GET ${ROUTE}/${module?.job?.id}`,
      `GET ${ROUTE}/${module?.job?.id}`,
    ]);
    expect(module?.watch).toBe(`hla-compass publish-status --env dev --watch ${module?.job?.id}`);
  });

  it('reads answers inside an envelope', async () => {
    await platform.stop();
    platform = await startPlatform({ envelope: true });
    expect((await ask()).module).toMatchObject({ outcome: 'published' });
  });

  it('ends with the first answer where nobody waits', async () => {
    const { module } = await ask({ wait: false });
    expect(module).toMatchObject({ outcome: 'accepted', job: { status: 'pending' } });
    expect(platform.requests).toHaveLength(1);
  });
});

type Case = readonly [string, FaultEffect, number, string, RegExp];
const answer = (status: number, body = '', headers = {}): FaultEffect => ({
  do: 'answer',
  status,
  body,
  headers,
});
const words = (code: string, message: string) => JSON.stringify({ error: { code, message } });

describe('what goes wrong on the way', () => {
  it.each<readonly [string, FaultEffect, number]>([
    ['500', answer(500, 'oops'), 1],
    ['500 twice', answer(500), 2],
    ['502 with HTML', answer(502, '<html><body>Bad gateway</body></html>'), 1],
    ['429 with seconds', answer(429, '', { 'retry-after': '7' }), 1],
    ['429 with a date', answer(429, '', { 'retry-after': new Date(Date.now() + 9000).toUTCString() }), 1],
    ['a reset before the answer', { do: 'mute' }, 1],
    ['a reset before the request was read', { do: 'drop' }, 1],
  ])('%s is asked again with the same key and bytes, and published once', async (_, effect, times) => {
    platform.faults.add({ when: post, effect, times });
    const { module, error } = await ask();
    expect(error).toBeUndefined();
    expect(module).toMatchObject({ outcome: 'published' });
    expect(good()).toHaveLength(1);
    const posts = platform.publishes();
    expect(posts).toHaveLength(times + 1);
    expect(new Set(posts.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(posts.map(({ headers }) => headers['x-request-id'])).size).toBe(times + 1);
    expect(new Set(posts.map(({ body }) => body).filter((body) => body !== '')).size).toBe(1);
  });

  it('a server that is slow is waited for, and one that is silent is asked again', async () => {
    platform.faults.add({ when: post, effect: { do: 'delay', milliseconds: 300 } });
    expect((await ask()).module).toMatchObject({ outcome: 'published' });
    expect(platform.publishes()).toHaveLength(1);
    platform.jobs.all.length = 0;
    // Silent until it is asked again.
    platform.faults.add({ when: post, effect: { do: 'hold', until: platform.faults.come(post, 2) } });
    const impatient = compassAt(platform.url, quickClock(), 3000);
    expect((await publishOnce(impatient, noteBoard())).module).toMatchObject({ outcome: 'published' });
    expect(platform.publishes()).toHaveLength(3);
    expect(good()).toHaveLength(1);
  });

  it('waits as long as it is asked to, by seconds and by date', async () => {
    const pauses = async (value: string) => {
      const clock = quickClock();
      platform.faults.add({ when: post, effect: answer(429, '', { 'retry-after': value }) });
      await publishOnce(compassAt(platform.url, clock), noteBoard(), { patience: { wait: false } });
      return clock.pauses[0] ?? 0;
    };
    expect(await pauses('7')).toBeGreaterThanOrEqual(7000);
    const date = await pauses(new Date(Date.now() + 20_000).toUTCString());
    expect(date).toBeGreaterThan(15_000);
    expect(date).toBeLessThan(25_000);
  });

  it.each<Case>([
    ['500 always', answer(500), 3, 'PUBLISH_UNAVAILABLE', /: 500$/],
    ['429 always', answer(429), 3, 'PUBLISH_UNAVAILABLE', /: 429$/],
    ['429 for an hour', answer(429, '', { 'retry-after': '3600' }), 1, 'PUBLISH_UNAVAILABLE', /429/],
    ['resets always', { do: 'drop' }, 3, 'PUBLISH_UNAVAILABLE', /did not answer parser 1\.2\.3/],
    ['HTML with 200', answer(200, '<html></html>'), 1, 'PUBLISH_UNAVAILABLE', /not a JSON object$/],
    ['invalid JSON with 202', answer(202, '{"publishId": '), 1, 'PUBLISH_UNAVAILABLE', /not a JSON object$/],
    ['401', answer(401, words('EXPIRED', 'jwt expired')), 1, 'PUBLISH_AUTH', /401 EXPIRED: jwt expired$/],
    [
      '403',
      answer(403, '{"message":"Module publish requires developer access"}'),
      1,
      'PUBLISH_FORBIDDEN',
      /developer access$/,
    ],
    ['403 with MFA', answer(403, words('MFA_REQUIRED', 'set it up')), 1, 'PUBLISH_FORBIDDEN', /MFA_REQUIRED/],
    [
      'a registry not allowed',
      answer(403, words('REGISTRY_UNAUTHORIZED', 'no')),
      1,
      'REGISTRY_UNAUTHORIZED',
      /403 REGISTRY_UNAUTHORIZED: no$/,
    ],
    [
      'the same in words',
      answer(400, '{"detail":"Registry not in allowlist"}'),
      1,
      'REGISTRY_UNAUTHORIZED',
      /not in allowlist$/,
    ],
    [
      'a code that nobody knows',
      answer(422, words('QUOTA_OF_TUESDAY', 'come back')),
      1,
      'PUBLISH_FAILED',
      /422 QUOTA_OF_TUESDAY: come back$/,
    ],
    ['a flat code', answer(400, '{"code":"BAD","message":"no"}'), 1, 'PUBLISH_FAILED', /400 BAD: no$/],
    [
      'a scan at once',
      answer(422, words('SECURITY_SCAN_FAILED', 'no')),
      1,
      'PUBLISH_FAILED',
      /SECURITY_SCAN_FAILED/,
    ],
  ])('%s', async (_, effect, times, code, message) => {
    platform.faults.add({ when: post, effect, times: 9 });
    const { error } = await ask();
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(platform.publishes()).toHaveLength(times);
    expect(good()).toHaveLength(0);
  });

  it.each<[string, string, number?]>([
    ['401', 'publish-token'],
    ['MFA_REQUIRED', 'multi-factor'],
    ['REGISTRY_UNAUTHORIZED', 'add ghcr.io/acme/* under Org Settings → Registries'],
    ['SECURITY_SCAN_FAILED', 'waiver', 422],
    ['Module publish requires developer access', 'role `developer`'],
    ['Forbidden for you', 'role `developer`'],
  ])('says what to do about %s', async (said, hint, status = said === '401' ? 401 : 403) => {
    const body = said.includes(' ') ? JSON.stringify({ message: said }) : words(said, 'x');
    platform.faults.add({ when: post, effect: answer(status, body) });
    expect((await ask()).error).toMatchObject({ hint: expect.stringContaining(hint) });
  });

  it('names the last request, by which the platform finds it in its logs', async () => {
    platform.faults.add({ when: post, effect: answer(500), times: 3 });
    const { error } = await ask();
    const id = platform.publishes().at(-1)?.headers['x-request-id'];
    expect(error).toMatchObject({ cause: { message: `the platform knows this request as ${id}` } });
  });

  it('does not read an answer of a gigabyte, and publishes once over two runs', async () => {
    platform.trouble.push({ flood: 1024 ** 3 });
    const board = noteBoard();
    const before = process.memoryUsage.rss();
    const first = await publishOnce(compassAt(platform.url), board);
    expect(first.error).toMatchObject({
      code: 'PUBLISH_UNAVAILABLE',
      message: expect.stringMatching(/larger than/),
    });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 ** 2);
    expect((await publishOnce(compassAt(platform.url), board)).module).toMatchObject({
      outcome: 'published',
    });
    expect(good()).toHaveLength(1);
  });

  it('sends the token to nobody else', async () => {
    const other = await startPlatform();
    platform.faults.add({
      when: post,
      effect: answer(307, '', { location: `${other.url}${ROUTE}` }),
    });
    const { error } = await ask();
    await other.stop();
    expect(error).toMatchObject({
      code: 'PUBLISH_FAILED',
      message: expect.stringContaining(`to ${other.url}`),
    });
    expect(other.requests).toEqual([]);
  });
});

describe('a job that does not end well', () => {
  it.each([
    [
      'rejected',
      REJECTED,
      /ended as rejected \(job pub-[\w-]+\) in the phase scan: Security scan failed \(security scan failed: 2 CRITICAL, 5 HIGH\)$/,
      'waiver',
    ],
    ['failed', FAILED, /ended as failed .* in the phase pull: Image not found$/, 'read:packages'],
    ['cancelled', CANCELLED, /ended as cancelled .*: stopped by an operator$/, 're-run'],
  ] as const)('%s is told with its reason', async (outcome, course, message, hint) => {
    platform.jobs.courses = [course];
    const { error, noted } = await ask();
    expect(error).toMatchObject({
      code: 'PUBLISH_FAILED',
      message: expect.stringMatching(message),
      hint: expect.stringContaining(hint),
    });
    expect(noted.at(-1)).toMatchObject({ outcome });
  });

  it('is published anew by the next run, under another key', async () => {
    platform.jobs.courses = [FAILED, [{ status: 'completed' }]];
    const board = noteBoard();
    await publishOnce(compassAt(platform.url), board);
    const { module } = await publishOnce(compassAt(platform.url), board);
    expect(module).toMatchObject({ outcome: 'published' });
    expect(new Set(platform.jobs.all.map(({ key }) => key)).size).toBe(2);
    expect(good()).toHaveLength(1);
  });

  it('that is stuck is no failure: the deadline leaves a command, and the next run goes on', async () => {
    platform.jobs.courses = [STUCK];
    const board = noteBoard();
    const { error, noted } = await publishOnce(compassAt(platform.url), board);
    const id = noted[0]?.job?.id;
    expect(error).toMatchObject({
      code: 'PUBLISH_TIMEOUT',
      message: expect.stringContaining('was still in_progress after 60 s'),
      hint: expect.stringContaining(`hla-compass publish-status --env dev --watch ${id}`),
    });
    expect(noted.map(({ outcome }) => outcome)).toEqual(['accepted', 'timeout']);
    const again = await publishOnce(compassAt(platform.url), board);
    expect(again.error).toMatchObject({ code: 'PUBLISH_TIMEOUT' });
    expect(platform.publishes()).toHaveLength(1);
  });

  it('is asked about again when the answers are bad, until the deadline', async () => {
    platform.faults.add({ when: { method: 'GET' }, effect: answer(503), times: 3 });
    platform.faults.add({ when: { method: 'GET' }, effect: answer(404), times: 1 });
    platform.faults.add({ when: { method: 'GET' }, effect: { do: 'drop' }, times: 2 });
    expect((await ask()).module).toMatchObject({ outcome: 'published' });
  });

  it('is known although its end is not: the token has expired meanwhile', async () => {
    platform.faults.add({ when: { method: 'GET' }, effect: answer(401, words('EXPIRED', 'jwt expired')) });
    const { error, noted } = await ask();
    expect(error).toMatchObject({ code: 'PUBLISH_AUTH' });
    expect(noted).toMatchObject([{ outcome: 'accepted', job: { id: good()[0]?.publishId } }]);
  });

  it('a person who has to approve it is not waited for', async () => {
    platform.jobs.courses = [SUBMITTED];
    const { aTask } = await import('../helpers/publish-bench.ts');
    const { module } = await publishOnce(compassAt(platform.url), noteBoard(), {
      task: aTask({ scope: 'public' }),
    });
    expect(module).toMatchObject({ outcome: 'submitted' });
  });
});

describe('a version that is there', () => {
  it('with these bytes by an earlier run: unchanged, and nothing is sent', async () => {
    const board = noteBoard();
    await publishOnce(compassAt(platform.url), board);
    const { module } = await publishOnce(compassAt(platform.url), board);
    expect(module).toMatchObject({ outcome: 'unchanged' });
    expect(platform.publishes()).toHaveLength(1);
  });

  it('with these bytes, and the note is lost: unchanged', async () => {
    await ask();
    platform.jobs.all.splice(0, 1, { ...platform.jobs.all[0]!, key: 'somebody else' });
    const { module } = await ask();
    expect(module).toMatchObject({ outcome: 'unchanged' });
    expect(good()).toHaveLength(1);
  });

  it('with other bytes: the bump is told', async () => {
    const other = IMAGE.digest.replace(/\w{8}$/, '00000000');
    platform.jobs.take({
      key: 'k',
      name: 'parser',
      version: '1.2.3',
      imageRef: `ghcr.io/acme/parser@${other}`,
      bytes: '',
    });
    const { error } = await ask();
    expect(error).toMatchObject({
      code: 'PUBLISH_VERSION_EXISTS',
      message: expect.stringContaining(`HLA-Compass dev has parser 1.2.3 already, as ${other}`),
      hint: 'Set the version of manifest.json to 1.2.4 or higher, commit, and tag that commit v1.2.4.',
    });
  });

  it('by the same request with another signature, at a server that compares: unchanged', async () => {
    platform.jobs.strict = true;
    const { aTask } = await import('../helpers/publish-bench.ts');
    await publishOnce(compassAt(platform.url), noteBoard());
    const task = aTask({ manifest: { name: 'parser', version: '1.2.3', signature: 'new' } });
    const { module, error } = await publishOnce(compassAt(platform.url), noteBoard(), { task });
    expect(error).toBeUndefined();
    expect(module).toMatchObject({ outcome: 'unchanged' });
    expect(good()).toHaveLength(1);
  });
});
