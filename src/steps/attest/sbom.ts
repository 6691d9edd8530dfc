import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';

export type SbomKind = 'cyclonedx' | 'spdx';
export type SbomDocument = Readonly<Record<string, unknown>>;

/** As registries and byproducts name the formats. https://www.iana.org/assignments/media-types/media-types.xhtml */
export const SBOM_MEDIA = {
  cyclonedx: 'application/vnd.cyclonedx+json',
  spdx: 'application/spdx+json',
} as const satisfies Record<SbomKind, string>;

const object = z.record(z.string(), z.unknown());
/** What makes a document one of its format; the rest is the generator's, checked when it was made. */
const heads = {
  cyclonedx: z.object({
    bomFormat: z.literal('CycloneDX'),
    specVersion: z.string().check(z.regex(/^1\.\d{1,3}$/)),
  }),
  spdx: z.object({
    spdxVersion: z.string().check(z.regex(/^SPDX-2\.\d{1,3}$/)),
    SPDXID: z.literal('SPDXRef-DOCUMENT'),
  }),
} as const;

/**
 * The document, which is the predicate as it is. Throws TOOL_FAILED unless the text is of that format: what is called
 * CycloneDX and holds SPDX is worth nothing to who reads it.
 * https://github.com/in-toto/attestation/blob/main/spec/predicates/cyclonedx.md
 */
export function readSbom(kind: SbomKind, name: string, text: string): SbomDocument {
  const json = object.safeParse(parse(name, text));
  const head = heads[kind].safeParse(json.data);
  if (json.success && head.success) return json.data;
  const [issue] = (json.success ? head.error : json.error)?.issues ?? [];
  throw new ReleaseError(
    'TOOL_FAILED',
    `the SBOM ${name} is no ${kind} document: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReleaseError('TOOL_FAILED', `the SBOM ${name} is no JSON`, { cause });
  }
}
