import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDownload } from '../../../../src/adapters/download/https-download.ts';
import { digestOf } from '../../../../src/model/digest.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const BODY = Buffer.alloc(300_000, 'module-release');
let folder = '';
let servers: Server[] = [];
let pauses: number[] = [];

async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers in turn; the last one stays. */
function inTurn(...handlers: readonly Handler[]): Handler {
  let turn = 0;
  return (request, response) => {
    const handler = handlers[Math.min(turn, handlers.length - 1)];
    turn += 1;
    handler?.(request, response);
  };
}

const whole: Handler = (_request, response) => void response.end(BODY);
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(code, headers).end('no');
/** Breaks off when what was sent is on the disk. */
const broken: Handler = async (_request, response) => {
  response.writeHead(200, { 'content-length': BODY.byteLength });
  response.write(BODY.subarray(0, 1000));
  while ((await written()) < 1000) await new Promise((done) => setTimeout(done, 5));
  response.destroy();
};

/** Bytes in the files of the folder. */
async function written(): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function download(options: { env?: Record<string, string>; idleMs?: number } = {}) {
  return createDownload({
    clock: { sleep: async (milliseconds) => void pauses.push(milliseconds) },
    env: options.env ?? {},
    ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mr-download-'));
  pauses = [];
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  servers = [];
  await rm(folder, { recursive: true });
});

describe('download', () => {
  it('streams into a file and tells its digest', async () => {
    const url = await serve(whole);
    const path = join(folder, 'deep', 'tool.tar.gz');
    expect(await download().file(`${url}/tool.tar.gz`, path)).toBe(digestOf(BODY));
    expect(digestOf(await readFile(path))).toBe(digestOf(BODY));
    expect(await readdir(join(folder, 'deep'))).toEqual(['tool.tar.gz']);
  });

  it.each([
    ['an error of the server', status(500)],
    ['too many requests', status(429)],
    ['a connection that breaks off in the middle', broken],
    ['a connection that is closed at once', ((request) => void request.socket.destroy()) as Handler],
  ])('tries again after %s', async (_name, first) => {
    const url = await serve(inTurn(first, whole));
    expect(await download().file(url, join(folder, 'tool'))).toBe(digestOf(BODY));
    expect(pauses).toHaveLength(1);
  });

  it('ends at the limit, and leaves no file', async () => {
    const url = await serve(whole);
    const path = join(folder, 'tool');
    expect(await download().file(url, path, BODY.byteLength)).toBe(digestOf(BODY));
    await rm(path);
    await expect(download().file(url, path, BODY.byteLength - 1)).rejects.toMatchObject({
      code: 'TOOL_UNVERIFIED',
      message: `the download has more than ${BODY.byteLength - 1} bytes: ${url}/`,
    });
    expect(await readdir(folder)).toEqual([]);
    expect(pauses).toEqual([]);
  });

  it('waits as long as Retry-After asks', async () => {
    const url = await serve(inTurn(status(429, { 'retry-after': '7' }), whole));
    await download().file(url, join(folder, 'tool'));
    expect(pauses).toEqual([7000]);
  });

  it('tries again when no byte comes', async () => {
    const url = await serve(inTurn(() => undefined, whole));
    expect(await download({ idleMs: 1000 }).file(url, join(folder, 'tool'))).toBe(digestOf(BODY));
  });

  it('gives up with the address and the last reason, and leaves no file', async () => {
    const url = await serve(broken);
    await expect(download().file(`${url}/tool`, join(folder, 'tool'))).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: `the download failed after 4 attempts: ${url}/tool: the connection broke off`,
    });
    expect(pauses).toHaveLength(3);
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes 404 for an answer, and 403 for a failure that no repetition mends', async () => {
    const missing = await serve(status(404));
    expect(await download().file(missing, join(folder, 'tool'))).toBeUndefined();
    const forbidden = await serve(status(403));
    await expect(download().file(forbidden, join(folder, 'tool'))).rejects.toMatchObject({
      code: 'TOOL_MISSING',
    });
    expect(pauses).toEqual([]);
  });

  it('follows redirects to another host, without any credential', async () => {
    const seen: IncomingMessage['headers'][] = [];
    const target = await serve((request, response) => {
      seen.push(request.headers);
      response.end(BODY);
    });
    const from = await serve(status(302, { location: `${target.replace('//', '//user:secret@')}/x` }));
    expect(await download().file(from, join(folder, 'tool'))).toBe(digestOf(BODY));
    expect(Object.keys(seen[0] ?? {}).sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
  });

  it.each([
    ['in a circle', '/again', 'more than 5 redirects'],
    ['to a file', 'file:///etc/passwd', 'redirects to where a download must not go'],
  ])('does not follow a redirect %s', async (_name, location, reason) => {
    const url = await serve(status(302, { location }));
    await expect(download().file(url, join(folder, 'tool'))).rejects.toThrow(reason);
  });

  it.each(['ftp://mirror.example.com/x', 'not an address', 'https://user:pass@mirror.example.com/x'])(
    'refuses %s',
    async (url) => {
      await expect(download().file(url, join(folder, 'tool'))).rejects.toMatchObject({
        code: 'TOOL_MISSING',
      });
    },
  );

  it('does not repeat credentials of a refused address', async () => {
    await expect(download().file('https://user:s3cr3t@example.com/x', join(folder, 'tool'))).rejects.toThrow(
      /^a download address must hold no credentials: example\.com$/,
    );
  });

  it('goes through the proxy of the environment', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      response.end(BODY);
    });
    const client = download({ env: { HTTP_PROXY: proxy } });
    expect(await client.file('http://mirror.example.com/tool', join(folder, 'tool'))).toBe(digestOf(BODY));
    expect(asked).toEqual(['http://mirror.example.com/tool']);
  });
});
