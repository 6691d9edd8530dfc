import { describe, expect, it } from '@jest/globals';
import { parseSigningConfig } from '../../../../src/adapters/sigstore/signing-config.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';

function service(url: string, change: object = {}) {
  return {
    url,
    majorApiVersion: 1,
    validFor: { start: '2026-01-01T00:00:00Z' },
    operator: 'one.example.com',
    ...change,
  };
}

const from = (start: string, end?: string) => ({
  validFor: { start, ...(end === undefined ? {} : { end }) },
});
const by = (operator: string) => ({ operator });

function parse(change: object) {
  return parseSigningConfig(JSON.stringify({ mediaType: MEDIA_TYPE, ...change }), NOW);
}

/** The chosen logs as `url version`. */
function logs(listed: readonly object[], config: object): readonly string[] {
  const { logs: chosen } = parse({ rekorTlogUrls: listed, rekorTlogConfig: config });
  return chosen.map(({ url, version }) => `${url.host} ${version}`);
}

const ANY = { selector: 'ANY' };
const ALL = { selector: 'ALL' };

it('reads all services of an instance', () => {
  const services = parse({
    caUrls: [service('https://fulcio.example.com/ca/')],
    oidcUrls: [service('https://oidc.example.com')],
    rekorTlogUrls: [service('https://rekor.example.com')],
    rekorTlogConfig: ANY,
    tsaUrls: [service('https://tsa.example.com/api/v1/timestamp'), service('https://x.example.com', by('x'))],
    tsaConfig: ALL,
    unknown: 'is ignored',
  });
  expect(services.fulcio?.href).toBe('https://fulcio.example.com/ca/');
  expect(services.logs).toEqual([{ url: new URL('https://rekor.example.com'), version: 1 }]);
  expect(services.authorities.map(String)).toEqual([
    'https://tsa.example.com/api/v1/timestamp',
    'https://x.example.com/api/v1/timestamp',
  ]);
});

it('without a selector a service is not used, and nothing is no error', () => {
  expect(parse({})).toEqual({ logs: [], authorities: [] });
  expect(parse({ rekorTlogUrls: [service('https://rekor.example.com')] }).logs).toEqual([]);
});

describe('which service is chosen', () => {
  it.each([
    [
      'the newest',
      [service('https://old', from('2025-01-01T00:00:00Z')), service('https://new')],
      ANY,
      ['new 1'],
    ],
    [
      'none of the past or the future',
      [
        service('https://past', from('2025-01-01T00:00:00Z', '2026-11-21T11:59:59Z')),
        service('https://future', from('2026-11-21T12:00:01Z')),
        service('https://now', from('2024-01-01T00:00:00Z', '2027-01-01T00:00:00Z')),
      ],
      ALL,
      ['now 1'],
    ],
    [
      'ends are valid',
      [service('https://ends', from('2025-01-01T00:00:00Z', '2026-11-21T12:00:00Z'))],
      ANY,
      ['ends 1'],
    ],
    [
      'the highest API version that we speak, though it is older',
      [
        service('https://three', { majorApiVersion: 3 }),
        service('https://one'),
        service('https://two', { majorApiVersion: 2, ...from('2025-01-01T00:00:00Z') }),
        service('https://zero', { majorApiVersion: 0 }),
      ],
      ALL,
      ['two 2'],
    ],
    [
      'one of each operator',
      [service('https://a'), service('https://b'), service('https://c', by('other.example.com'))],
      ALL,
      ['a 1', 'c 1'],
    ],
    [
      'so many as are demanded',
      [service('https://a'), service('https://b', by('b')), service('https://c', by('c'))],
      { selector: 'EXACT', count: 2 },
      ['a 1', 'b 1'],
    ],
  ])('%s', (_, listed, config, expected) => {
    expect(logs(listed, config)).toEqual(expected);
  });

  it.each([
    ['too few operators', [service('https://a'), service('https://b')], { selector: 'EXACT', count: 2 }],
    ['no count', [service('https://a')], { selector: 'EXACT' }],
    ['a count of none', [service('https://a')], { selector: 'EXACT', count: 0 }],
    ['nothing of now', [service('https://a', from('2027-01-01T00:00:00Z'))], ANY],
    ['nothing that we speak', [service('https://a', { majorApiVersion: 9 })], ALL],
  ])('%s is refused', (_, listed, config) => {
    expect(() => logs(listed, config)).toThrow(/^input `sigstore-signing-config`: rekorTlogUrls /);
  });
});

describe('what is refused', () => {
  it.each([
    ['no JSON', '{', 'it is no JSON'],
    ['a list', '[]', 'the document is not'],
    ['another version', JSON.stringify({ mediaType: MEDIA_TYPE.replace('0.2', '0.1') }), 'mediaType is not'],
    [
      'a trusted root',
      '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
      'mediaType',
    ],
    ['nothing', '', 'it is no JSON'],
    ['megabytes', ' '.repeat(300_000), 'it is larger than 262144 bytes'],
  ])('%s', (_, text, words) => {
    expect(() => parseSigningConfig(text, NOW)).toThrow(words);
  });

  it.each([
    ['a time that is none', { validFor: { start: 'yesterday' } }, 'caUrls.0.validFor.start is not'],
    ['a version that is no number', { majorApiVersion: '1' }, 'caUrls.0.majorApiVersion is not'],
  ])('%s', (_, change, words) => {
    expect(() => parse({ caUrls: [service('https://fulcio.example.com', change)] })).toThrow(words);
  });

  it('an unknown selector', () => {
    expect(() => logs([], { selector: 'SOME' })).toThrow('rekorTlogConfig.selector is not');
  });

  it.each([
    'http://fulcio.example.com',
    'https://user:hunter2@fulcio.example.com',
    'ftp://fulcio.example.com',
    'fulcio.example.com',
    'http://127.0.0.1.example.com',
    '',
  ])('the address %j', (url) => {
    const read = () => parse({ caUrls: [service(url)] });
    expect(read).toThrow('it names an address that is not https, or holds credentials');
    expect(read).not.toThrow('hunter2');
  });

  it.each([
    'http://127.0.0.1:5555',
    'http://localhost:3000',
    'http://[::1]:80',
    'https://fulcio.example.com:8443',
  ])('but not the address %j', (url) => {
    expect(parse({ caUrls: [service(url)] }).fulcio?.href).toBe(new URL(url).href);
  });
});
