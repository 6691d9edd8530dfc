import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { BUNDLE_TYPE, PAYLOAD_TYPE, type SignedStatement } from '../../src/model/attestation.ts';

/** A key pair that signs statements as cosign does by key: no certificate, no log. */
export function keySigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    /** The same statement in a bundle that this key signed. */
    sign: (statement: SignedStatement): SignedStatement => ({
      ...statement,
      bundle: new TextEncoder().encode(JSON.stringify(bundleOf(statement, privateKey))),
    }),
  };
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function bundleOf({ statement }: SignedStatement, key: KeyObject) {
  const payload = Buffer.from(JSON.stringify(statement));
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  const sig = sign('sha256', Buffer.concat([Buffer.from(head), payload]), key).toString('base64');
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint: createHash('sha256').update(spki).digest('base64') } },
    dsseEnvelope: { payload: payload.toString('base64'), payloadType: PAYLOAD_TYPE, signatures: [{ sig }] },
  };
}
