import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key with a self-signed certificate for loopback and the given names, good for two days. */
export type KeyAndCertificate = {
  readonly privateKey: KeyObject;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
};

/** X.509 by hand, so that the tests need no tool for it. https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
export function createCertificate(names: readonly string[] = []): KeyAndCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(oid('2a864886f70d01010b'), der(0x05)); // sha256WithRSAEncryption
  const name = sequence(set(sequence(oid('550403'), der(0x0c, Buffer.from('module-release test'))))); // CN
  const day = 24 * 3600_000;
  const alternatives = sequence(
    der(0x87, Buffer.from([127, 0, 0, 1])),
    ...['localhost', ...names].map((dns) => der(0x82, Buffer.from(dns))),
  );
  const extensions = sequence(
    extension('551d13', sequence(der(0x01, Buffer.from([0xff])))), // basicConstraints: CA
    extension('551d11', alternatives), // subjectAltName
    extension('551d0e', der(0x04, createHash('sha1').update(spki).digest())), // subjectKeyIdentifier
  );
  const body = sequence(
    der(0xa0, integer(2)),
    integer(1),
    algorithm,
    name,
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name,
    spki,
    der(0xa3, extensions),
  );
  const signature = sign('sha256', body, privateKey);
  const certificateDer = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    privateKey,
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificatePem: pem('CERTIFICATE', certificateDer),
    certificateDer,
  };
}

function der(tag: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]): Buffer => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]): Buffer => der(0x31, Buffer.concat(parts));
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value));

/** UTCTime. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x17, Buffer.from(digits.slice(2)));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
