import { describe, expect, it } from '@jest/globals';
import { type Extension, identityOf } from '../../../../src/adapters/sigstore/verify-identity.ts';

const der = (tag: number, content: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(content);
  const length = bytes.length < 0x80 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
};
const utf8 = (text: string): Buffer => der(0x0c, text);
const names = (...list: readonly Buffer[]): Extension => ({
  oid: '2.5.29.17',
  value: der(0x30, Buffer.concat(list)),
});
const usage = (oid: string): Extension => ({
  oid: '2.5.29.37',
  value: der(0x30, der(0x06, Buffer.from(oid, 'hex'))),
});
const fulcio = (number: number, value: Buffer): Extension => ({
  oid: `1.3.6.1.4.1.57264.1.${number}`,
  value,
});

const URI = der(0x86, 'https://github.com/acme/app');
const CODE = usage('2b06010505070303');

describe('what a certificate says', () => {
  it.each([
    ['a URI', names(URI), 'https://github.com/acme/app'],
    ['a long URI', names(der(0x86, 'x'.repeat(300))), 'x'.repeat(300)],
    ['a mail address', names(der(0x81, 'ann@example.com')), 'ann@example.com'],
    [
      'a user name',
      names(
        der(
          0xa0,
          Buffer.concat([der(0x06, Buffer.from('2b0601040183bf300107', 'hex')), der(0xa0, utf8('ann'))]),
        ),
      ),
      'ann',
    ],
  ])('its subject is %s', (_, subject, san) => {
    expect(identityOf([CODE, subject])).toEqual({ san });
  });

  it('its issuer stands in two extensions, the newer of which counts', () => {
    const old = fulcio(1, Buffer.from('https://old.example.com'));
    expect(identityOf([CODE, names(URI), old]).issuer).toBe('https://old.example.com');
    const both = [CODE, names(URI), old, fulcio(8, utf8('https://new.example.com'))];
    expect(identityOf(both).issuer).toBe('https://new.example.com');
  });
});

describe('a certificate that is not clear is refused', () => {
  it.each<[string, readonly Extension[]]>([
    ['no subject', [CODE]],
    ['no names', [CODE, names()]],
    ['two names', [CODE, names(URI, der(0x86, 'https://github.com/acme/evil'))]],
    ['a DNS name', [CODE, names(der(0x82, 'github.com'))]],
    ['a name that is no UTF-8', [CODE, names(der(0x86, Buffer.from([0x66, 0xff])))]],
    ['a name with a line end', [CODE, names(der(0x86, 'https://a\nb'))]],
    ['a name with a null', [CODE, names(der(0x86, 'https://a\0b'))]],
    ['an extension twice', [CODE, names(URI), fulcio(12, utf8('a')), fulcio(12, utf8('b'))]],
    ['an extension that is no text', [CODE, names(URI), fulcio(12, der(0x02, 'a'))]],
    ['an extension of two texts', [CODE, names(URI), fulcio(12, Buffer.concat([utf8('a'), utf8('b')]))]],
    ['an extension that ends too early', [CODE, names(URI), fulcio(12, Buffer.from([0x0c, 5, 0x61]))]],
    ['an extension of endless length', [CODE, names(URI), fulcio(12, Buffer.from([0x0c, 0x80, 0x61, 0, 0]))]],
    ['no usage', [names(URI)]],
    ['the usage of a web server', [usage('2b06010505070301'), names(URI)]],
  ])('%s', (_, extensions) => {
    expect(() => identityOf(extensions)).toThrow();
  });
});
