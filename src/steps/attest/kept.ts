import * as z from 'zod/mini';
import { type AttestationKind, PREDICATES, type StatementDraft } from '../../model/attestation.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import { type DigestRef, formatReference, isDigestRef, parseReference } from '../../model/reference.ts';

/** A statement that was not signed yet, by the digest of its bytes. */
export type KeptStatement = Omit<StatementDraft, 'statement'> & { readonly digest: Digest };

export type KeptImage = {
  readonly name: string;
  readonly origin: PushedImage['origin'];
  readonly refs: readonly DigestRef[];
};

/** What a run that built was about to sign: a claim of whoever wrote the file, until somebody vouches for its digest. */
export type KeptList = {
  /** `Owner/Name`. */
  readonly repository: string;
  readonly revision: string;
  readonly images: readonly KeptImage[];
  readonly statements: readonly KeptStatement[];
};

const digest = z.string().check(z.refine(isDigest));
const list = z.object({
  schemaVersion: z.literal(1),
  repository: z.string().check(z.maxLength(200)),
  revision: z.string().check(z.regex(/^[0-9a-f]{40,64}$/)),
  images: z
    .array(
      z.object({
        name: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,127}$/)),
        origin: z.enum(['built', 'adopted', 'brought']),
        refs: z.array(z.string()).check(z.minLength(1), z.maxLength(100)),
      }),
    )
    .check(z.maxLength(1000)),
  statements: z
    .array(
      z.object({
        image: z.string(),
        kind: z.string(),
        subject: digest,
        platform: z.optional(z.string().check(z.maxLength(100))),
        registryOnly: z.boolean(),
        digest,
      }),
    )
    .check(z.maxLength(5000)),
});

/** The bytes that are vouched for are these, as they are written. */
export function formatKept({ repository, revision, images, statements }: KeptList): string {
  const document = {
    schemaVersion: 1,
    repository,
    revision,
    images: images.map(({ name, origin, refs }) => ({ name, origin, refs: refs.map(formatReference) })),
    statements,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** The list in a text, or undefined when it is none. */
export function parseKept(text: string): KeptList | undefined {
  const parsed = list.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const { repository, revision } = parsed.data;
  const images = parsed.data.images.map(({ name, origin, refs }) => ({
    name,
    origin,
    refs: refs.map(parseReference).filter((ref) => ref !== undefined && isDigestRef(ref)),
  }));
  const statements = parsed.data.statements.flatMap((each): KeptStatement[] => {
    const { image, kind, subject, platform, registryOnly } = each;
    if (!isKind(kind) || !isDigest(subject) || !isDigest(each.digest)) return [];
    if (!images.some(({ name }) => name === image)) return [];
    return [
      {
        image,
        kind,
        subject,
        ...(platform === undefined ? {} : { platform }),
        registryOnly,
        digest: each.digest,
      },
    ];
  });
  const isWhole =
    statements.length === parsed.data.statements.length &&
    images.every(({ refs }, at) => refs.length === parsed.data.images[at]?.refs.length);
  return isWhole ? { repository, revision, images, statements } : undefined;
}

function isKind(text: string): text is AttestationKind {
  return Object.hasOwn(PREDICATES, text);
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const LONGEST = 300;

/** The one answer to everything that is not as the building run has left it. Nothing is signed then. */
export function notKept(check: string, expected: string, actual: string): ReleaseError {
  const show = (text: string) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
  return new ReleaseError(
    'VERIFY_FAILED',
    `the statements beside the record are not proven to be those of the run that built: ${check}: expected ${show(expected)}, got ${show(actual)}`,
    { hint: HINT },
  );
}

const HINT =
  'Give the folder of the record whole and as the run has left it, to the same workflow, started for the same tag or branch; or re-run the release.';
