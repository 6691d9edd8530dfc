import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { createMasks, secretForms } from '../../../../src/adapters/runner/masks.ts';

const SECRET = 'p@ss/w+rd "7"é';

function hides(secret: string, text: string): string {
  const masks = createMasks();
  masks.add(secret);
  return masks.redact(text);
}

describe('the forms of a secret', () => {
  it.each([
    ['itself', SECRET],
    ['its base64', Buffer.from(SECRET).toString('base64')],
    ['its URL-safe base64', Buffer.from(SECRET).toString('base64url')],
    ['its URL-encoded form', encodeURIComponent(SECRET)],
    [
      'its URL-encoded form in lower case',
      encodeURIComponent(SECRET).replace(/%../g, (x) => x.toLowerCase()),
    ],
    ['its form in a query', encodeURIComponent(SECRET).replaceAll('%20', '+')],
    ['its form in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ])('are hidden: %s', (_, form) => {
    expect(hides(SECRET, `before ${form} after`)).toMatch(/^before \*\*\*=* after$/);
  });

  it.each(['', 'u', 'us', 'user'])('are hidden in the base64 of "%s:password"', (user) => {
    const encoded = Buffer.from(`${user}:correct-horse-battery`).toString('base64');
    const seen = hides('correct-horse-battery', `Authorization: Basic ${encoded}`);
    const left = Buffer.from(seen.slice(seen.lastIndexOf(' ') + 1).replaceAll('*', ''), 'base64').toString();
    expect(seen).toContain('***');
    for (let at = 0; at + 4 <= 'correct-horse-battery'.length; at += 1) {
      expect(left).not.toContain('correct-horse-battery'.slice(at, at + 4));
    }
  });

  it('are hidden whole before a part of them is', () => {
    const masks = createMasks();
    masks.add('token');
    masks.add('token-and-more');
    expect(masks.redact('token-and-more, token')).toBe('***, ***');
  });

  it('cover every line of a PEM, alone and with other line ends, but not its frame', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const body = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
    const masks = createMasks();
    masks.add(pem.replaceAll('\n', '\r\n'));
    for (const line of body) expect(masks.redact(`got: ${line}!`)).toBe('got: ***!');
    expect(masks.redact(JSON.stringify({ key: pem }))).not.toContain(body[1]);
    expect(masks.redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('leave lines alone that are no secret', () => {
    const masks = createMasks();
    masks.add('{\n  "a": true,\n  "password": "hunter2-hunter2"\n}\n\n----\nabc\n');
    expect(masks.redact('} abc true, ---- {')).toBe('} abc true, ---- {');
    expect(masks.redact('x "password": "hunter2-hunter2" y')).toBe('x *** y');
  });

  it.each(['', '   ', '\n\n', 'abc'])('do not exist for %j', (secret) => {
    expect(secretForms(secret)).toEqual([]);
  });

  it('are taken literally, not as patterns', () => {
    expect(hides('.*+?^${}()|[]\\/-', 'abc .*+?^${}()|[]\\/- def')).toBe('abc *** def');
    expect(hides('a.c+', 'abcc')).toBe('abcc');
  });

  it('survive broken Unicode', () => {
    expect(hides('half \ud83d of a pair', 'half \ud83d of a pair')).toBe('***');
  });
});

describe('adding a secret', () => {
  it('tells each form once', () => {
    const masks = createMasks();
    expect(masks.add('first-secret')).toContain('first-secret');
    expect(masks.add('first-secret')).toEqual([]);
  });
});
