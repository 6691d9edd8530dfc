import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compassAt, noteBoard, publishOnce } from '../helpers/publish-bench.ts';
import { type RunningPlatform, startPlatform } from '../helpers/publish-platform/platform.ts';

let platform: RunningPlatform;
beforeEach(async () => {
  platform = await startPlatform();
  platform.jobs.courses = [[{ status: 'completed' }]];
});
afterEach(() => platform.stop());

/** The next questions about a job are answered so. */
function limit(retryAfter: string, times = 1): void {
  const headers = { 'retry-after': retryAfter };
  platform.faults.add({ when: { method: 'GET' }, effect: { do: 'answer', status: 429, headers }, times });
}

describe('a platform that is asked about a job too often', () => {
  it.each<readonly [string, () => string, number, number]>([
    ['seconds', () => '45', 45_000, 45_000],
    ['a date', () => new Date(Date.now() + 30_000).toUTCString(), 25_000, 31_000],
    ['an hour, of which five minutes are enough', () => '3600', 300_000, 300_000],
    ['less than the usual pause', () => '1', 2000, 2000],
  ])('is left alone as long as it asks, by %s', async (_, value, least, most) => {
    limit(value());
    const patience = { timeoutSeconds: 900 };
    const { module, clock } = await publishOnce(compassAt(platform.url), noteBoard(), { patience });
    expect(module).toMatchObject({ outcome: 'published' });
    const [first] = clock.pauses;
    expect(first).toBeGreaterThanOrEqual(least);
    expect(first).toBeLessThanOrEqual(most);
  });

  it('keeps nobody longer than the deadline; a re-run leaves it alone too', async () => {
    const board = noteBoard();
    limit('90', 2);
    const first = await publishOnce(compassAt(platform.url), board);
    expect(first.error).toMatchObject({ code: 'PUBLISH_TIMEOUT' });
    expect(Math.max(...first.clock.pauses)).toBeLessThanOrEqual(60_000);
    limit('90');
    const again = await publishOnce(compassAt(platform.url), board);
    expect(again.module).toMatchObject({ outcome: 'unchanged' });
    expect(again.clock.pauses[0]).toBe(90_000);
    expect(platform.publishes()).toHaveLength(1);
  });
});

it('a question that is redirected takes the token to nobody', async () => {
  const other = await startPlatform();
  const headers = { location: `${other.url}/v1/modules/publish/x` };
  platform.faults.add({ when: { method: 'GET' }, effect: { do: 'answer', status: 307, headers } });
  const { module, log } = await publishOnce(compassAt(platform.url), noteBoard());
  await other.stop();
  expect(module).toMatchObject({ outcome: 'published' });
  expect(log.lines.join('\n')).toContain(`redirects the question about the job to ${other.url}`);
  expect(other.requests).toEqual([]);
});

it.each([
  ['HTML', '<html>Bad gateway</html>'],
  ['broken JSON', '{"status": "comp'],
  ['a list', '[]'],
  ['a text', '"completed"'],
])('an answer about a job that is %s is no answer: it is asked for again', async (_, body) => {
  const effect = { do: 'answer', status: 200, body } as const;
  platform.faults.add({ when: { method: 'GET' }, effect, times: 2 });
  expect((await publishOnce(compassAt(platform.url), noteBoard())).module).toMatchObject({
    outcome: 'published',
  });
  expect(platform.requests.filter(({ method }) => method === 'GET')).toHaveLength(3);
});

describe('the answer to the publish', () => {
  const answered = (body: unknown) => {
    const effect = { do: 'answer', status: 202, body: JSON.stringify(body) } as const;
    platform.faults.add({ when: { method: 'POST' }, effect });
    return publishOnce(compassAt(platform.url), noteBoard());
  };

  it('without an id cannot be watched: it counts as it is', async () => {
    expect((await answered({ status: 'pending' })).module).toMatchObject({ outcome: 'accepted' });
    expect((await answered({ state: 'APPROVED' })).module).toMatchObject({ outcome: 'published' });
    expect((await answered({})).module).toMatchObject({ outcome: 'accepted' });
    expect(platform.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
  });

  it('that says at once that it has failed is red, which it is not for the tool of the platform', async () => {
    const { error } = await answered({ publishId: 'pub-1', status: 'failed', message: 'no such image' });
    expect(error).toMatchObject({
      code: 'PUBLISH_FAILED',
      message: expect.stringMatching(/ended as failed \(job pub-1\): no such image$/),
    });
  });
});
