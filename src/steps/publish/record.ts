import { ociArtifact } from '../../model/artifact.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { digestOf } from '../../model/digest.ts';
import type { DigestRef } from '../../model/reference.ts';
import type { Referrer } from '../../ports/registry.ts';

/** A note beside the image, so that another run, on any machine, knows that it was published. */
export const RECORD_TYPE = 'application/vnd.module-release.publish.v1+json';

const NAME = 'io.github.module-release.publish';

/** Which publishing a note is about: equal ones have equal bytes at the same platform. */
export type Publishing = {
  readonly realm: string;
  readonly name: string;
  readonly version: string;
  readonly scope: string;
  readonly org?: string;
};

/** An earlier request that the platform took. */
export type Noted = {
  /** Undefined: the platform gave none. */
  readonly id?: string;
  readonly at: string;
};

export function recordReferrer(subject: Descriptor, of: Publishing, { id, at }: Noted): Referrer {
  const annotations = {
    [`${NAME}.target`]: targetOf(of),
    ...(id === undefined ? {} : { [`${NAME}.id`]: id }),
    'org.opencontainers.image.created': at,
  };
  const { manifest, blobs } = ociArtifact({ artifactType: RECORD_TYPE, layers: [], subject, annotations });
  return {
    manifest,
    descriptor: { ...manifest.descriptor, artifactType: RECORD_TYPE, annotations },
    blobs,
  };
}

/** The notes about this publishing, the oldest first. Whoever may push may write them, so they only lead to a question. */
export function readRecords(referrers: readonly Descriptor[], of: Publishing): readonly Noted[] {
  const target = targetOf(of);
  return referrers
    .filter(({ artifactType }) => artifactType === RECORD_TYPE)
    .flatMap(({ annotations = {} }): readonly Noted[] => {
      if (annotations[`${NAME}.target`] !== target) return [];
      const id = annotations[`${NAME}.id`];
      const at = annotations['org.opencontainers.image.created'] ?? '';
      return [{ at, ...(id !== undefined && /^[\w.:-]{1,200}$/.test(id) ? { id } : {}) }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

/**
 * The same for every run that publishes these bytes for the same people, and another one after each job that came to
 * nothing: what a run could not see the end of is the same request again, and is taken once.
 */
export function idempotencyKey(of: Publishing, { digest }: DigestRef, earlier: number): string {
  return `mr-${hashOf([...fieldsOf(of), digest, String(earlier)])}`;
}

/** Addresses may say more than a registry should tell, so only their hash is kept. */
function targetOf(of: Publishing): string {
  return hashOf(fieldsOf(of));
}

function fieldsOf({ realm, name, version, scope, org = '' }: Publishing): readonly string[] {
  return [realm, name, version, scope, org];
}

function hashOf(fields: readonly string[]): string {
  return digestOf(JSON.stringify(fields)).slice('sha256:'.length);
}
