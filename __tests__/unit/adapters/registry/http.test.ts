import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSend, drain, readAll, type Send } from '../../../../src/adapters/registry/http.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let folder: string;
let send: Send;
let stop: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-'));
  send = createSend({}, { idle: 30_000, finish: 30_000 });
});

afterEach(async () => {
  stop();
  await rm(folder, { recursive: true, force: true });
});

async function serve(handler: Handler, connected: (socket: Socket) => void = () => {}): Promise<URL> {
  const server = createServer(handler).on('connection', connected);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const echo: Handler = (request, response) => {
  void readAll(request, 100_000_000).then(
    (body) => response.end(body),
    () => response.destroy(),
  );
};

const put = (url: URL, path: string, start: number, size: number) =>
  send({ method: 'PUT', url, headers: {}, body: { kind: 'file', path, start, size } });

/** The file that was opened and is not closed yet. */
async function openFiles(path: string): Promise<readonly string[]> {
  const names = await readdir('/proc/self/fd').catch(() => []);
  const links = await Promise.all(names.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return links.filter((link) => link === path);
}

/** The answer may come before the file is closed behind the last byte. */
async function closed(path: string): Promise<void> {
  while ((await openFiles(path)).length > 0) await new Promise((done) => setTimeout(done, 5));
}

describe('a file as a body', () => {
  it.each([
    ['whole', 0, 5_000_001],
    ['from the middle', 1_234_567, 3_765_434],
    ['exactly one part', 0, 1024 * 1024],
    ['one byte', 4_999_999, 1],
    ['nothing', 0, 0],
  ])('is sent %s', async (_, start, size) => {
    const url = await serve(echo);
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(5_000_001));
    const response = await put(url, path, start, size);
    const came = await readAll(response.stream, 100_000_000);
    expect(Buffer.from(came).equals((await readFile(path)).subarray(start, start + size))).toBe(true);
    await closed(path);
  });

  it('is answered whole and keeps its connection, also when the answer overtakes the last write', async () => {
    const connections: Socket[] = [];
    const url = await serve(echo, (socket) => connections.push(socket));
    const path = join(folder, 'file');
    const bytes = randomBytes(1_200_000);
    await writeFile(path, bytes);
    for (let upload = 0; upload < 100; upload++) {
      const response = await put(url, path, 0, bytes.length);
      expect(bytes.equals(await readAll(response.stream, 100_000_000))).toBe(true);
    }
    expect(connections).toHaveLength(1);
  });

  it('that is shorter than promised is our own trouble', async () => {
    const url = await serve(echo);
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(1000));
    await expect(put(url, path, 0, 2000)).rejects.toThrow('the file ends after 1000 bytes');
    expect(await openFiles(path)).toEqual([]);
  });

  it('that is not there is our own trouble', async () => {
    const url = await serve(echo);
    await expect(put(url, join(folder, 'none'), 0, 10)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is let go when the connection breaks', async () => {
    const url = await serve((request) => request.once('data', () => request.socket.destroy()));
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(20_000_000));
    await expect(put(url, path, 0, 20_000_000)).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNRESET|EPIPE/),
    });
    await closed(path);
  });

  it('is let go when the server has heard enough, whose answer is kept', async () => {
    const url = await serve((request, response) => {
      request.once('data', () => {
        response.writeHead(413, { 'content-type': 'text/plain' });
        response.end('too large');
      });
    });
    const path = join(folder, 'file');
    await writeFile(path, randomBytes(50_000_000));
    const response = await put(url, path, 0, 50_000_000);
    expect(response.status).toBe(413);
    expect((await drain(response.stream)).toString()).toBe('too large');
    await closed(path);
  });
});

describe('a request', () => {
  it('keeps its connection for the next one', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('ok');
    });
    for (let i = 0; i < 3; i += 1) {
      const response = await send({ method: 'GET', url, headers: {} });
      await drain(response.stream);
    }
    expect(ports.size).toBe(1);
  });

  it('is given up when nothing moves', async () => {
    const url = await serve(() => undefined);
    const hasty = createSend({}, { idle: 50, finish: 300 });
    await expect(hasty({ method: 'GET', url, headers: {} })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('may take longer when it is a PUT', async () => {
    const url = await serve((request, response) => {
      request.resume();
      setTimeout(() => response.end('done'), 120);
    });
    const patient = createSend({}, { idle: 50, finish: 10_000 });
    const response = await patient({ method: 'PUT', url, headers: {} });
    expect(response.status).toBe(200);
    await drain(response.stream);
  });

  it('says how long its body is, also when there is none', async () => {
    const lengths: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      lengths.push(request.headers['content-length']);
      request.resume();
      response.end();
    });
    const bytes = Buffer.from('four');
    for (const [method, body] of [['GET'], ['POST'], ['PUT', { kind: 'bytes', bytes }]] as const)
      await drain((await send({ method, url, headers: {}, ...(body && { body }) })).stream);
    expect(lengths).toEqual([undefined, '0', '4']);
  });
});

describe('readAll', () => {
  it('stops at its limit', async () => {
    stop = () => undefined;
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1000);
      })(),
    );
    await expect(readAll(endless, 5000)).rejects.toThrow('larger than 5000 bytes');
    expect(endless.destroyed).toBe(true);
  });
});
