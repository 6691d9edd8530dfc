import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { HttpRequest } from '../../../../src/adapters/registry/http.ts';
import { resolveLocation, sendFollowing } from '../../../../src/adapters/registry/redirect.ts';

describe('resolveLocation', () => {
  const from = new URL('https://registry.example.com/v2/a/blobs/uploads/');
  it.each([
    [
      '/v2/a/blobs/uploads/1?_state=a%2Fb~+%20',
      'https://registry.example.com/v2/a/blobs/uploads/1?_state=a%2Fb~+%20',
    ],
    ['uploads/1', 'https://registry.example.com/v2/a/blobs/uploads/uploads/1'],
    ['https://storage.example.com/x?sig=1', 'https://storage.example.com/x?sig=1'],
    ['http://registry.example.com/v2/x', 'https://registry.example.com/v2/x'],
    ['http://127.0.0.1:5000/x', 'http://127.0.0.1:5000/x'],
    ['http://localhost:5000/x', 'http://localhost:5000/x'],
    ['https://user:password@other.example.com/x#part', 'https://other.example.com/x'],
  ])('%s leads to %s', (location, expected) => {
    expect(resolveLocation(location, from).href).toBe(expected);
  });

  it.each([
    ['http://other.example.com/x', 'plain http at other.example.com'],
    ['http://registry.example.com:8080/x', 'plain http'],
    ['file:///etc/passwd', 'neither https nor http'],
    ['javascript:alert(1)', 'neither https nor http'],
    ['https://[', 'no URL'],
  ])('%s is refused', (location, why) => {
    expect(() => resolveLocation(location, from)).toThrow(why);
  });

  it('keeps to http where http was asked for', () => {
    expect(resolveLocation('/x', new URL('http://10.0.0.1/v2/')).href).toBe('http://10.0.0.1/x');
  });
});

describe('sendFollowing', () => {
  /** Answers each address with a status and a Location. */
  function world(answers: Readonly<Record<string, readonly [number, string?]>>) {
    const sent: HttpRequest[] = [];
    const send = async (request: HttpRequest) => {
      sent.push(request);
      const [status, location] = answers[request.url.href] ?? [404];
      return { status, headers: { location }, stream: Readable.from([]) };
    };
    return { sent, send };
  }

  const get = (href: string, method = 'GET'): HttpRequest => ({
    method,
    url: new URL(href),
    headers: { Authorization: 'Bearer secret', accept: 'x/y' },
  });

  it('drops the credentials at another origin, and does not bring them back', async () => {
    const { sent, send } = world({
      'https://a.example.com/1': [307, 'https://a.example.com/2'],
      'https://a.example.com/2': [302, 'https://b.example.com/3'],
      'https://b.example.com/3': [301, 'https://a.example.com/4'],
      'https://a.example.com/4': [200],
    });
    const answer = await sendFollowing(send, get('https://a.example.com/1'));
    expect(answer).toMatchObject({ status: 200, url: new URL('https://a.example.com/4') });
    const bare = { accept: 'x/y' };
    const full = { Authorization: 'Bearer secret', ...bare };
    expect(sent.map(({ headers }) => headers)).toEqual([full, full, bare, bare]);
  });

  it.each(['https://a.example.com:444/', 'https://sub.a.example.com/'])(
    '%s is another origin',
    async (location) => {
      const { sent, send } = world({ 'https://a.example.com/': [307, location], [location]: [200] });
      await sendFollowing(send, get('https://a.example.com/'));
      expect(sent[1]?.headers).toEqual({ accept: 'x/y' });
    },
  );

  it('carries a write further for 307 and 308 only', async () => {
    const { sent, send } = world({
      'https://a.example.com/1': [308, 'https://a.example.com/2'],
      'https://a.example.com/2': [303, 'https://a.example.com/3'],
    });
    expect(await sendFollowing(send, get('https://a.example.com/1', 'PUT'))).toMatchObject({ status: 303 });
    expect(sent.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual(['PUT /1', 'PUT /2']);
  });

  it('never goes from https to plain http', async () => {
    const { sent, send } = world({ 'https://a.example.com/': [307, 'http://b.example.com/'] });
    await expect(sendFollowing(send, get('https://a.example.com/'))).rejects.toThrow('plain http');
    expect(sent).toHaveLength(1);
  });
});
