import { randomBytes } from 'node:crypto';
import {
  BUNDLE_TYPE,
  PAYLOAD_TYPE,
  PREDICATES,
  type SignedStatement,
  STATEMENT_TYPE,
} from '../../src/model/attestation.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../src/model/digest.ts';
import type { Referrer } from '../../src/ports/registry.ts';
import { referrerOf } from '../../src/steps/attest/referrer.ts';

export const CREATED = new Date('2026-11-21T10:00:00Z');

type Options = Partial<Omit<SignedStatement, 'statement' | 'bundle'>> & {
  /** Of the entry in the log. */
  readonly integratedTime?: string;
};

/** A statement in the form of a bundle, signed by nobody; no two are equal. */
export function aSigned(options: Options = {}): SignedStatement {
  const { integratedTime, ...given } = options;
  const { kind = 'provenance', image = 'app', subject = digestOf('an image') } = given;
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: image, digest: { sha256: hexOf(subject) } }],
    predicateType: PREDICATES[kind],
    predicate: {},
  } as const;
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: integratedTime === undefined ? {} : { tlogEntries: [{ integratedTime }] },
    dsseEnvelope: {
      payload,
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: randomBytes(32).toString('base64') }],
    },
  };
  const bytes = new TextEncoder().encode(JSON.stringify(bundle));
  return { registryOnly: false, ...given, image, kind, subject, statement, bundle: bytes };
}

/** A referrer of this subject, unlike any other. */
export function aReferrer(subject: Descriptor, options: Options = {}): Referrer {
  return referrerOf(aSigned({ subject: subject.digest, ...options }), subject, CREATED);
}

/** What a writer of another tool lists: nothing behind it needs to exist. */
export function aForeignEntry(name: string): Readonly<Record<string, unknown>> & { readonly digest: Digest } {
  return {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(name),
    size: 500,
    artifactType: `application/x-${name}`,
    annotations: { name },
    data: 'e30=',
    urls: ['https://example.com/'],
  };
}
