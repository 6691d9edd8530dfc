import * as z from 'zod/mini';
import { ociArtifact } from '../../model/artifact.ts';
import { BUNDLE_TYPE, type SignedStatement, type Statement } from '../../model/attestation.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { describeBytes } from '../../model/manifest.ts';
import type { Referrer } from '../../ports/registry.ts';

export const PREDICATE_ANNOTATION = 'dev.sigstore.bundle.predicateType';

/** A bundle, and what of its statement matters for storing it. */
export type Storable = Omit<SignedStatement, 'statement'> & {
  readonly statement: Pick<Statement, 'predicateType'>;
  /** Where it lies as a file. */
  readonly path?: string;
};

/** The same before it is signed: it tells where the bundle will go. */
export type Draft = Omit<Storable, 'bundle' | 'logIndex' | 'path'>;
/** A bundle that may still be on its way. */
export type Coming = { readonly draft: Draft; readonly signed: Promise<Storable> };

/**
 * The manifest under which a bundle is found, as cosign writes it: consumers look for its artifactType and annotations.
 * The same bundle always gives the same bytes. `created` (for a bundle without a time of the log in it) must be fixed too.
 * https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export function referrerOf(signed: Storable, subject: Descriptor, created: Date): Referrer {
  const bundle = describeBytes(signed.bundle, BUNDLE_TYPE);
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    [PREDICATE_ANNOTATION]: signed.statement.predicateType,
    'org.opencontainers.image.created': formatTime(timeOf(signed.bundle) ?? created),
  };
  const { manifest, blobs } = ociArtifact({
    artifactType: BUNDLE_TYPE,
    layers: [bundle],
    subject,
    annotations,
  });
  return {
    manifest,
    descriptor: { ...manifest.descriptor, artifactType: BUNDLE_TYPE, annotations },
    blobs,
  };
}

/** Seconds as text; `0` where the log does not say. https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_rekor.proto */
const logged = z.object({
  verificationMaterial: z.object({
    tlogEntries: z.array(z.object({ integratedTime: z.optional(z.string().check(z.regex(/^\d{1,11}$/))) })),
  }),
});

function timeOf(bundle: Uint8Array): Date | undefined {
  const parsed = logged.safeParse(JSON.parse(new TextDecoder().decode(bundle)));
  const seconds = parsed.success
    ? Number(parsed.data.verificationMaterial.tlogEntries[0]?.integratedTime ?? 0)
    : 0;
  return seconds === 0 ? undefined : new Date(seconds * 1000);
}

/** Without fractions: `2026-11-21T17:47:49Z`. */
function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
