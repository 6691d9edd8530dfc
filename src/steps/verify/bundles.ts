import { BUNDLE_TYPE } from '../../model/attestation.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import { decodeManifest } from '../../model/manifest.ts';
import type { DigestRef } from '../../model/reference.ts';
import { BUNDLE_LIMIT, type RefusedBundle, type Requirement } from '../../model/verification.ts';
import type { Registry } from '../../ports/registry.ts';
import { kindOf, requirementOf } from './statement.ts';

/** As many referrers of one subject are looked at. Anybody who may push can add more. */
export const MOST_REFERRERS = 200;
/** And as many bytes of bundles for one image. */
export const MOST_BYTES = 256 * 1024 * 1024;

const PREDICATE_TYPE = 'dev.sigstore.bundle.predicateType';
const CREATED = 'org.opencontainers.image.created';

/** Counts down what an image's bundles may still take. */
export type Budget = { bytes: number };

export type FoundBundle =
  | { readonly source: string; readonly bytes: Uint8Array }
  | { readonly source: string; readonly refused: RefusedBundle }
  /** Something else that is attached to the image. */
  | { readonly source: string; readonly other: true };

/**
 * The referrers that are worth a look: bundles of a kind that is asked for, as far as they say their kind, those first
 * and the newest of them first. What they say is not believed: it decides about the order and what is left unread alone.
 */
export function selectReferrers(
  referrers: readonly Descriptor[],
  require: readonly Requirement[],
): { readonly selected: readonly Descriptor[]; readonly left: number } {
  const distinct = [...new Map(referrers.map((each) => [each.digest, each])).values()];
  const named = (each: Descriptor): string | undefined => each.annotations?.[PREDICATE_TYPE];
  const candidates = distinct.filter((each) => {
    if (each.artifactType !== undefined && !isBundleType(each.artifactType) && !isUnsure(each.artifactType))
      return false;
    const type = named(each);
    if (type === undefined) return true;
    const kind = kindOf(type);
    return kind !== undefined && require.includes(requirementOf(kind));
  });
  const created = (each: Descriptor): string => each.annotations?.[CREATED] ?? '';
  const order = [...candidates].sort(
    (a, b) =>
      Number(named(b) !== undefined) - Number(named(a) !== undefined) ||
      (created(a) < created(b) ? 1 : created(a) > created(b) ? -1 : 0),
  );
  return {
    selected: order.slice(0, MOST_REFERRERS),
    left: Math.max(0, order.length - MOST_REFERRERS),
  };
}

/** Versions of the bundle's media type, in both of its spellings. */
function isBundleType(type: string): boolean {
  return /^application\/vnd\.dev\.sigstore\.bundle[.+]/.test(type);
}

/** cosign lists the type of the empty config in the fallback index, where it should list that of the artifact. */
function isUnsure(type: string): boolean {
  return type === '' || type === 'application/vnd.oci.empty.v1+json';
}

/**
 * The bundle behind one referrer. What is wrong with it is a refusal, so that rubbish beside good evidence does no harm;
 * only a registry that fails throws.
 */
export async function fetchBundle(
  subject: DigestRef,
  { digest }: Descriptor,
  budget: Budget,
  registry: Pick<Registry, 'getManifest' | 'readBlob'>,
): Promise<FoundBundle> {
  const { repository } = subject;
  const refuse = (fault: RefusedBundle['fault'], message: string): FoundBundle => ({
    source: digest,
    refused: { source: digest, fault, message },
  });
  try {
    const manifest = await registry.getManifest({ repository, digest });
    if (manifest === undefined)
      return refuse('bundle-malformed', 'the registry lists it and does not have it');
    const { type, layer } = partsOf(manifest.bytes);
    if (type !== undefined && !isBundleType(type)) return { source: digest, other: true };
    if (layer === undefined) return refuse('bundle-malformed', 'its manifest holds no single layer');
    if (!isBundleType(layer.mediaType))
      return refuse('media-type-wrong', `its layer is ${layer.mediaType.slice(0, 100)}, not ${BUNDLE_TYPE}`);
    if (layer.size > BUNDLE_LIMIT)
      return refuse('bundle-too-large', `it has ${layer.size} bytes, more than ${BUNDLE_LIMIT}`);
    budget.bytes -= layer.size;
    if (budget.bytes < 0)
      return refuse('bundle-too-large', 'all bundles of this image together are too large');
    return { source: digest, bytes: await registry.readBlob(repository, layer, BUNDLE_LIMIT) };
  } catch (error) {
    if (error instanceof RangeError) return refuse('bundle-too-large', error.message);
    if (isAboutContent(error)) return refuse('bundle-malformed', error.message);
    throw error;
  }
}

function isAboutContent(error: unknown): error is ReleaseError {
  return (
    error instanceof ReleaseError && (error.code === 'DIGEST_MISMATCH' || error.code === 'REGISTRY_NOT_FOUND')
  );
}

/** The one layer; undefined for everything that is no manifest with one. */
function partsOf(bytes: Uint8Array): { readonly type?: string; readonly layer?: Descriptor } {
  try {
    const manifest = decodeManifest(bytes);
    if (manifest.kind === 'index') return {};
    const [layer, ...others] = manifest.layers;
    return {
      ...(manifest.artifactType === undefined ? {} : { type: manifest.artifactType }),
      ...(layer === undefined || others.length > 0 ? {} : { layer }),
    };
  } catch {
    return {};
  }
}
