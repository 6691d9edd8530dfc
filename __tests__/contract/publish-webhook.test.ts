import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../src/adapters/http/http.ts';
import { createPublishApi } from '../../src/adapters/publish/publish-api.ts';
import type { PublishTarget } from '../../src/model/publish.ts';
import { somePublishInputs } from '../helpers/a-context.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { aTask, IMAGE, noteBoard, publishOnce } from '../helpers/publish-bench.ts';
import { quickClock } from '../helpers/quick-clock.ts';

type Heard = { readonly line: string; readonly headers: IncomingHttpHeaders; readonly body: string };

let heard: Heard[];
/** The answers to the next requests; after them 200. `cut`: the connection ends once the request is read. */
let answers: (readonly [status: number, body?: string] | 'cut')[];
let url: string;
let stop: () => Promise<unknown>;

beforeEach(async () => {
  heard = [];
  answers = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    heard.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    const answer = answers.shift() ?? [200];
    if (answer === 'cut') return void request.socket.destroy();
    const [status, text = ''] = answer;
    response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end(text);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stop = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
});
afterEach(() => stop());

const SECRET = 'shared-secret';

function api(target: PublishTarget) {
  const http = createHttp({ clock: quickClock(), log: fakeLog(), env: {}, random: () => 0.5 });
  return createPublishApi(somePublishInputs({ target, token: SECRET }), { http, apiUrl: url });
}

const webhook = () => api({ kind: 'webhook', url: `${url}/hooks/release` });
const dispatch = () => api({ kind: 'dispatch', repository: 'acme/deploy' });

const FIELDS = {
  module: 'parser',
  version: '1.2.3',
  image: {
    repository: 'ghcr.io/acme/parser',
    ref: `ghcr.io/acme/parser@${IMAGE.digest}`,
    digest: IMAGE.digest,
  },
  scope: 'org',
  org: null,
  source: {
    repository: 'Acme/Modules',
    revision: '0'.repeat(40),
    run: 'https://github.com/Acme/Modules/actions/runs/1',
  },
};

describe('a webhook', () => {
  it('gets one request whose signature its listener can check', async () => {
    const { module } = await publishOnce(webhook(), noteBoard());
    expect(module).toMatchObject({ outcome: 'accepted', platform: `the webhook at ${new URL(url).host}` });
    expect(heard.map(({ line }) => line)).toEqual(['POST /hooks/release']);
    const { headers, body } = heard[0]!;
    const expected = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
    const given = String(headers['x-hub-signature-256']);
    expect(timingSafeEqual(Buffer.from(given), Buffer.from(expected))).toBe(true);
    const delivery = headers['idempotency-key'];
    expect(JSON.parse(body)).toEqual({ delivery, ...FIELDS, manifest: aTask().request.manifest });
    expect(JSON.stringify(heard)).not.toContain(SECRET);
  });

  it('is told again with the same delivery after a fault, and not at all by the next run', async () => {
    answers = [[503], 'cut'];
    const board = noteBoard();
    expect((await publishOnce(webhook(), board)).module).toMatchObject({ outcome: 'accepted' });
    expect(new Set(heard.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(heard).toHaveLength(3);
    expect((await publishOnce(webhook(), board)).module).toMatchObject({ outcome: 'unchanged' });
    expect(heard).toHaveLength(3);
  });

  it('hears nothing of a dry run', async () => {
    expect(await webhook().dryRun({ ...aTask().request })).toEqual({ kind: 'ready' });
    expect(heard).toEqual([]);
  });

  it.each([
    [[401], 'PUBLISH_AUTH', 'status 401', 'X-Hub-Signature-256'],
    [[403], 'PUBLISH_FORBIDDEN', 'status 403', 'X-Hub-Signature-256'],
    [[404], 'PUBLISH_FAILED', 'status 404', ''],
    [[302], 'PUBLISH_FAILED', 'status 302: a redirect, which is not followed', ''],
  ] as const)('that answers %j: %s', async (answer, code, words, hint) => {
    answers = [[...answer] as [number]];
    const { error } = await publishOnce(webhook(), noteBoard());
    expect(error).toMatchObject({
      code,
      message: expect.stringContaining(words),
      hint: expect.stringContaining(hint),
    });
    expect(heard).toHaveLength(1);
  });

  it('that is away three times is not asked a fourth', async () => {
    answers = [[500], [502], [429], [200]];
    const { error } = await publishOnce(webhook(), noteBoard());
    expect(error).toMatchObject({ code: 'PUBLISH_UNAVAILABLE' });
    expect(heard).toHaveLength(3);
  });
});

describe('repository_dispatch', () => {
  it('is asked for the right, then gets the event with the fields that workflows read', async () => {
    const platform = dispatch();
    answers = [[200, JSON.stringify({ permissions: { push: true, pull: true } })], [204]];
    await platform.dryRun(aTask().request);
    expect((await publishOnce(platform, noteBoard())).module).toMatchObject({ outcome: 'accepted' });
    expect(heard.map(({ line }) => line)).toEqual([
      'GET /repos/acme/deploy',
      'POST /repos/acme/deploy/dispatches',
    ]);
    const event = JSON.parse(heard[1]?.body ?? '');
    expect(event).toEqual({
      event_type: 'module-release',
      client_payload: { delivery: expect.stringMatching(/^mr-[0-9a-f]{64}$/), ...FIELDS },
    });
    // https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
    expect(Object.keys(event.client_payload).length).toBeLessThanOrEqual(10);
    expect(heard[1]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  });

  it.each([
    [[200, '{"permissions":{"push":false}}'], 'PUBLISH_FORBIDDEN', 'the token may only read'],
    [[404], 'PUBLISH_FORBIDDEN', 'status 404'],
    [[403], 'PUBLISH_FORBIDDEN', 'status 403'],
    [[401], 'PUBLISH_AUTH', 'status 401'],
  ] as const)('%j is told in the preflight as %s', async (answer, code, words) => {
    answers = [[...answer] as [number, string?]];
    await expect(dispatch().dryRun(aTask().request)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(words),
    });
  });

  it("an app's token, whose rights GitHub does not tell, is tried", async () => {
    answers = [[200, '{}']];
    expect(await dispatch().dryRun(aTask().request)).toEqual({ kind: 'ready' });
  });
});
