import { ReleaseError } from '../../model/errors.ts';
import type { SbomDocument, SbomKind } from './sbom.ts';
import { slimCycloneDx } from './slim-cyclonedx.ts';
import { slimSpdx } from './slim-spdx.ts';

const MIB = 1024 * 1024;

/** Bytes of a predicate as JSON. */
export type Limits = {
  /** Above it a bundle is kept out of GitHub's store. */
  readonly github: number;
  /** Above it nothing is signed. */
  readonly registry: number;
};

/**
 * GitHub: what actions/attest accepts; the API names no limit, and larger ones have given server errors
 * (https://github.com/actions/attest/issues/402). Registry: the transparency log takes requests of 32 MiB, in which the
 * predicate stands in base64; also what a verifier that bounds its input can still read.
 */
export const LIMITS: Limits = { github: 16 * MIB, registry: 20 * MIB };

export type Sized = {
  readonly predicate: SbomDocument;
  readonly registryOnly: boolean;
  /** What was left out, if anything. */
  readonly slimmed: 'no' | 'files' | 'files-and-relationships';
};

const SLIM = { cyclonedx: slimCycloneDx, spdx: slimSpdx } as const;
/** In order: the first that fits is taken. */
const STEPS = ['files', 'files-and-relationships'] as const;

/**
 * The SBOM as it is signed: whole when it fits into GitHub's store or is not meant for it, else without its files, else also
 * without relationships; where none of them fits there, the fullest that the registry takes, for the registry alone.
 * Throws TOOL_FAILED when even the slimmest is too large.
 */
export function fitSbom(
  kind: SbomKind,
  name: string,
  whole: SbomDocument,
  { limits = LIMITS, github }: { readonly limits?: Limits; readonly github: boolean },
): Sized {
  const sizes: Sized[] = [{ predicate: whole, registryOnly: false, slimmed: 'no' }];
  const target = github ? limits.github : limits.registry;
  if (sizeOf(whole) <= target) return { predicate: whole, registryOnly: false, slimmed: 'no' };
  for (const slimmed of STEPS) {
    const predicate = SLIM[kind](whole, slimmed);
    if (sizeOf(predicate) <= target) return { predicate, registryOnly: false, slimmed };
    sizes.push({ predicate, registryOnly: true, slimmed });
  }
  const fullest = sizes.find(({ predicate }) => sizeOf(predicate) <= limits.registry);
  if (fullest !== undefined) return { ...fullest, registryOnly: true };
  throw tooLarge(name, sizeOf(sizes.at(-1)?.predicate), limits);
}

/** For a predicate that is as it is: whether GitHub's store takes it. Throws TOOL_FAILED when nothing does. */
export function isRegistryOnly(name: string, predicate: unknown, limits: Limits = LIMITS): boolean {
  const size = sizeOf(predicate);
  if (size > limits.registry) throw tooLarge(name, size, limits);
  return size > limits.github;
}

function sizeOf(predicate: unknown): number {
  return Buffer.byteLength(JSON.stringify(predicate));
}

function tooLarge(name: string, size: number, { registry }: Limits): ReleaseError {
  const shown = (size / MIB).toFixed(1);
  return new ReleaseError(
    'TOOL_FAILED',
    `${name} is too large to be signed: ${shown} MiB of at most ${registry / MIB} MiB, without files and relationships`,
    { hint: 'Choose the smaller format (`sbom: cyclonedx`), or make the image of fewer packages.' },
  );
}
