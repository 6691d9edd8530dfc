import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../../../src/adapters/http/http.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { quickClock } from '../../../helpers/quick-clock.ts';

const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    }),
  );
});

/** A server that answers the n-th request (from 1) as the test says; gives its address. */
async function serve(answer: (count: number, ...args: Parameters<RequestListener>) => void): Promise<URL> {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    answer(count, request, response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api`);
}

function client(change: Partial<Parameters<typeof createHttp>[0]> = {}) {
  const [clock, log] = [quickClock(), fakeLog()];
  const http = createHttp({ clock, log, env: {}, random: () => 1, ...change });
  const get = (url: URL, options = {}) =>
    http.exchange(async () => ({ method: 'GET', url, headers: {} }), options);
  return { http, clock, log, get };
}

describe('what is tried again', () => {
  it.each([408, 425, 429, 500, 502, 503, 504])('status %i, with growing pauses', async (status) => {
    const url = await serve((count, _, response) => response.writeHead(count < 4 ? status : 200).end('done'));
    const { get, clock } = client();
    expect(await get(url)).toMatchObject({ kind: 'answer', status: 200, attempts: 4 });
    expect(clock.pauses).toEqual([1000, 2000, 4000]);
  });

  it('as often as it is allowed to, and no more', async () => {
    const url = await serve((_, __, response) => response.writeHead(503).end());
    const { get, clock } = client();
    expect(await get(url, { attempts: 3 })).toMatchObject({ kind: 'answer', status: 503, attempts: 3 });
    expect(clock.pauses).toEqual([1000, 2000]);
    expect(await get(url, { attempts: 1 })).toMatchObject({ attempts: 1 });
  });

  it('a connection that is cut, before and in the middle of the answer', async () => {
    const url = await serve((count, request, response) => {
      if (count === 1) request.socket.destroy();
      else if (count === 2) {
        response.writeHead(200, { 'content-length': '10' }).write('half');
        setTimeout(() => request.socket.destroy(), 20);
      } else response.end('whole');
    });
    const outcome = await client().get(url);
    expect(outcome).toMatchObject({ kind: 'answer', status: 200, attempts: 3 });
  });

  it('an answer that does not come', async () => {
    const url = await serve((count, _, response) => {
      if (count > 1) response.end('late');
    });
    // The second answer has as long to come.
    const { get } = client({ idleMs: 1000 });
    expect(await get(url)).toMatchObject({ kind: 'answer', attempts: 2 });
  });

  it('an answer that comes a byte at a time', async () => {
    const url = await serve((count, _, response) => {
      if (count > 1) return void response.end('whole');
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    });
    // It is given up after twice as long.
    const { get } = client({ idleMs: 500 });
    expect(await get(url)).toMatchObject({ kind: 'answer', attempts: 2 });
  });

  it('a server that is not there, until the time is over', async () => {
    const { get, clock } = client();
    // Not a port that was free a moment ago: another test may have it by now.
    const outcome = await get(new URL('http://127.0.0.1:9/api'));
    expect(outcome).toMatchObject({ kind: 'failure', reason: expect.stringContaining('ECONNREFUSED') });
    const waited = clock.pauses.reduce((sum, pause) => sum + pause, 0);
    expect(waited).toBeGreaterThan(240_000);
    expect(waited).toBeLessThanOrEqual(300_000);
  });

  it('the request is made anew each time', async () => {
    const seen: unknown[] = [];
    const url = await serve((count, { headers }, response) => {
      seen.push(headers.authorization);
      response.writeHead(count < 3 ? 500 : 200).end();
    });
    let made = 0;
    await client().http.exchange(async () => {
      made += 1;
      return { method: 'GET', url, headers: { authorization: `Bearer ${made}` } };
    });
    expect(seen).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
  });
});

describe('what is not tried again', () => {
  it.each([400, 401, 403, 404, 409, 413, 501])('status %i', async (status) => {
    const url = await serve((_, __, response) => response.writeHead(status).end());
    expect(await client().get(url)).toMatchObject({ kind: 'answer', status, attempts: 1 });
  });

  it('an answer that is larger than allowed', async () => {
    const url = await serve((_, __, response) => response.end('x'.repeat(1001)));
    const { get } = client();
    expect(await get(url, { limit: 1001 })).toMatchObject({ kind: 'answer' });
    expect(await get(url, { limit: 1000 })).toEqual({
      kind: 'failure',
      reason: 'the answer is larger than 1000 bytes',
      attempts: 1,
    });
  });

  it('a redirect, which is not followed', async () => {
    let visits = 0;
    const other = await serve((_, __, response) => {
      visits += 1;
      response.end();
    });
    const url = await serve((_, __, response) => response.writeHead(307, { location: other.href }).end());
    expect(await client().get(url)).toMatchObject({ kind: 'answer', status: 307 });
    expect(visits).toBe(0);
  });

  it('what the making of the request throws', async () => {
    const { http } = client();
    const failing = http.exchange(() => Promise.reject(new Error('no token')));
    await expect(failing).rejects.toThrow('no token');
  });
});

describe('Retry-After', () => {
  const once = (value: string) =>
    serve((count, _, response) =>
      response.writeHead(count === 1 ? 429 : 200, { 'retry-after': value }).end(),
    );

  it('in seconds', async () => {
    const { get, clock } = client({ random: () => 0 });
    await get(await once('45'));
    expect(clock.pauses).toEqual([45_000]);
  });

  it('as a date', async () => {
    const { get, clock } = client({ random: () => 0 });
    await get(await once(new Date(Date.now() + 60_000).toUTCString()));
    expect(clock.pauses[0]).toBeGreaterThan(55_000);
    expect(clock.pauses[0]).toBeLessThanOrEqual(60_000);
  });

  it.each(['soon', '-5', '1e9', ''])('%j says nothing', async (value) => {
    const { get, clock } = client();
    await get(await once(value));
    expect(clock.pauses).toEqual([1000]);
  });

  it('of an hour is not waited for', async () => {
    const { get, clock } = client();
    expect(await get(await once('3600'))).toMatchObject({ status: 429, attempts: 1 });
    expect(clock.pauses).toEqual([]);
  });
});

it('nothing is tried after the time at which it would be of no use', async () => {
  const url = await serve((_, __, response) => response.writeHead(503).end());
  const { get, clock } = client();
  // The fourth comes after 7 s of pauses and the time that the requests took, a fifth would come after 15.
  expect(await get(url, { until: clock.elapsed() + 14_000 })).toEqual({ kind: 'late', attempts: 4 });
});

it('people who wait long are told why, without path and query', async () => {
  const url = await serve((count, _, response) => response.writeHead(count < 4 ? 503 : 200).end());
  url.search = '?key=hunter2';
  const { get, log } = client();
  await get(url);
  expect(log.lines).toEqual([
    `debug: ${url.host} did not do its work (status 503). Trying again in 1.0 s.`,
    `debug: ${url.host} did not do its work (status 503). Trying again in 2.0 s.`,
    `${url.host} did not do its work (status 503). Trying again in 4.0 s.`,
  ]);
});

it('goes through the proxy of the environment', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = await serve((_, { url }, response) => {
    asked.push(url);
    response.end('by proxy');
  });
  const { get } = client({ env: { HTTP_PROXY: proxy.origin, NO_PROXY: 'direct.example.com' } });
  expect(await get(new URL('http://sigstore.example.com/api'))).toMatchObject({ status: 200 });
  expect(asked).toEqual(['http://sigstore.example.com/api']);
});
