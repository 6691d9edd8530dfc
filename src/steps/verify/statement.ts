import * as z from 'zod/mini';
import { type AttestationKind, PREDICATES } from '../../model/attestation.ts';
import type { Requirement } from '../../model/verification.ts';

/** An in-toto statement of anybody: it may have several subjects. https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export type ReadStatement = {
  /** sha256 in hex. */
  readonly subjects: readonly string[];
  readonly predicateType: string;
  /** Undefined for predicates that nobody here asks for. */
  readonly kind?: AttestationKind;
  readonly predicate: unknown;
};

const STATEMENT_TYPES = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];
const MOST_SUBJECTS = 1000;

const statement = z.object({
  _type: z.enum(STATEMENT_TYPES),
  subject: z
    .array(z.object({ digest: z.record(z.string(), z.string()) }))
    .check(z.minLength(1), z.maxLength(MOST_SUBJECTS)),
  predicateType: z.string().check(z.maxLength(500)),
  predicate: z.optional(z.unknown()),
});

/** The statement in a payload; undefined when it is none. */
export function readStatement(payload: Uint8Array): ReadStatement | undefined {
  const parsed = statement.safeParse(tryJson(payload));
  if (!parsed.success) return undefined;
  const { subject, predicateType, predicate } = parsed.data;
  const kind = kindOf(predicateType);
  return {
    subjects: subject.flatMap(({ digest }) => (Object.hasOwn(digest, 'sha256') ? [digest.sha256 ?? ''] : [])),
    predicateType,
    predicate,
    ...(kind === undefined ? {} : { kind }),
  };
}

/** SBOM types may have a version behind them, as actions/attest-sbom writes it: `https://spdx.dev/Document/v2.3`. */
export function kindOf(predicateType: string): AttestationKind | undefined {
  const plain = predicateType.replace(
    /^(https:\/\/(?:spdx\.dev\/Document|cyclonedx\.org\/bom))\/v[\d.]+$/,
    '$1',
  );
  switch (plain) {
    case PREDICATES.provenance:
      return 'provenance';
    case PREDICATES.cyclonedx:
      return 'cyclonedx';
    case PREDICATES.spdx:
      return 'spdx';
    case PREDICATES.scan:
      return 'scan';
    case PREDICATES.signature:
      return 'signature';
    default:
      return undefined;
  }
}

export function requirementOf(kind: AttestationKind): Requirement {
  return kind === 'cyclonedx' || kind === 'spdx' ? 'sbom' : kind;
}

const envelope = z.object({ dsseEnvelope: z.object({ payload: z.string() }) });

/** What a bundle that is not believed says it is about: for messages alone. */
export function claimedKind(bundle: Uint8Array): AttestationKind | undefined {
  return claimed(bundle)?.kind;
}

/** And about which digests (64 hex digits each): to find it, never to believe it. */
export function claimedSubjects(bundle: Uint8Array): readonly string[] {
  return claimed(bundle)?.subjects ?? [];
}

function claimed(bundle: Uint8Array): ReadStatement | undefined {
  const parsed = envelope.safeParse(tryJson(bundle));
  if (!parsed.success) return undefined;
  return readStatement(Buffer.from(parsed.data.dsseEnvelope.payload, 'base64'));
}

function tryJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
