import type { CertificateIdentity } from '../../ports/sigstore.ts';

/** An extension as the certificate holds it: OID in dotted form, DER of its value. */
export type Extension = { readonly oid: string; readonly value: Uint8Array };

const SUBJECT_ALT_NAME = '2.5.29.17';
const EXTENDED_KEY_USAGE = '2.5.29.37';
/** 1.3.6.1.5.5.7.3.3 */
const CODE_SIGNING = '2b06010505070303';
const FULCIO = '1.3.6.1.4.1.57264.1.';

/** https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md; these hold a UTF8String. */
const NAMES = {
  8: 'issuer',
  9: 'buildSignerUri',
  10: 'buildSignerDigest',
  11: 'runnerEnvironment',
  12: 'sourceRepositoryUri',
  13: 'sourceRepositoryDigest',
  14: 'sourceRepositoryRef',
  18: 'buildConfigUri',
  20: 'buildTrigger',
  21: 'runInvocationUri',
  22: 'sourceRepositoryVisibility',
} as const satisfies Record<number, keyof CertificateIdentity>;

/** The first issuer extension, of older certificates, is plain text. */
const ISSUER_V1 = `${FULCIO}1`;

/**
 * Who a certificate is for. Its extensions come from a proven certificate; throws a plain Error where it is not for signing
 * code, which the library does not ask, and where it says nothing clear: no name or several, not valid text, an extension twice. Bytes are read as strict UTF-8, so that two different
 * names never become one.
 */
export function identityOf(extensions: readonly Extension[]): CertificateIdentity {
  const values = new Map<string, Uint8Array>();
  for (const { oid, value } of extensions) {
    if (values.has(oid)) throw new TypeError(`the extension ${oid} stands twice in the certificate`);
    values.set(oid, value);
  }
  if (!isForCode(values.get(EXTENDED_KEY_USAGE)))
    throw new TypeError('the certificate is not for signing code');
  const legacyIssuer = values.get(ISSUER_V1);
  const named = Object.entries(NAMES).flatMap(([number, name]) => {
    const value = values.get(FULCIO + number);
    return value === undefined ? [] : [[name, readText(value)] as const];
  });
  const identity: Partial<Record<keyof CertificateIdentity, string>> = Object.fromEntries(named);
  const { issuer } = identity;
  return {
    ...identity,
    ...(issuer === undefined && legacyIssuer !== undefined ? { issuer: decode(legacyIssuer) } : {}),
    san: readSubject(values.get(SUBJECT_ALT_NAME)),
  };
}

function isForCode(value: Uint8Array | undefined): boolean {
  const [list] = elements(value ?? new Uint8Array());
  if (list?.tag !== TAGS.sequence) return false;
  return elements(list.content).some(
    ({ tag, content }) => tag === TAGS.oid && Buffer.from(content).toString('hex') === CODE_SIGNING,
  );
}

/** Fulcio gives exactly one name: a URI, a mail address, or a user name. */
function readSubject(value: Uint8Array | undefined): string {
  if (value === undefined) throw new TypeError('the certificate has no subject alternative name');
  const list = only(elements(value), 'a list of names');
  if (list.tag !== TAGS.sequence) throw new TypeError('the names in the certificate are no list');
  const name = only(elements(list.content), 'subject alternative name');
  if (name.tag === TAGS.uri || name.tag === TAGS.mail) return decode(name.content);
  if (name.tag !== TAGS.otherName) throw new TypeError('the name in the certificate is of an unknown kind');
  const [, wrapped] = elements(name.content);
  return readText(wrapped?.content ?? new Uint8Array());
}

const TAGS = { oid: 0x06, utf8: 0x0c, sequence: 0x30, mail: 0x81, uri: 0x86, otherName: 0xa0 };

function readText(value: Uint8Array): string {
  const element = only(elements(value), 'text');
  if (element.tag !== TAGS.utf8) throw new TypeError('an extension of the certificate is no text');
  return decode(element.content);
}

function decode(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (/\p{Cc}/u.test(text)) throw new TypeError('a name in the certificate holds control characters');
  return text;
}

type Element = { readonly tag: number; readonly content: Uint8Array };

function only(found: readonly Element[], what: string): Element {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0)
    throw new TypeError(`the certificate has ${found.length} of what it must have one: ${what}`);
  return first;
}

/** DER elements one after the other; lengths of at most two bytes, which all of these have. https://www.itu.int/rec/T-REC-X.690 */
function elements(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [tag = 0, first = 0, second = 0, third = 0] = bytes.subarray(at, at + 4);
    const header = first < 0x80 ? 2 : first === 0x81 ? 3 : first === 0x82 ? 4 : 0;
    const length = first < 0x80 ? first : first === 0x81 ? second : second * 256 + third;
    if (header === 0 || at + header + length > bytes.length)
      throw new TypeError('an extension of the certificate is no DER');
    found.push({ tag, content: bytes.subarray(at + header, at + header + length) });
    at += header + length;
  }
  return found;
}
