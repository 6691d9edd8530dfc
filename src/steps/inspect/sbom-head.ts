import * as z from 'zod/mini';
import type { SbomFormat } from './args.ts';
import { inForm } from './form.ts';

/** https://cyclonedx.org/docs/1.6/json/ */
const cyclonedx = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().check(z.regex(/^1\.\d+$/)),
  metadata: z.object({ component: z.object({ name: z.string().check(z.minLength(1)) }) }),
  components: z.optional(z.array(z.unknown())),
});

/** https://spdx.github.io/spdx-spec/v2.3/ */
const spdx = z.object({
  spdxVersion: z.string().check(z.regex(/^SPDX-2\.\d+$/)),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  name: z.string().check(z.minLength(1)),
  packages: z.array(z.unknown()),
});

/** Throws a plain Error unless the text is a document of that format about something that has a name. */
export function checkSbom(format: SbomFormat, text: string): void {
  const json: unknown = JSON.parse(text);
  if (format === 'cyclonedx') inForm(cyclonedx, json);
  else inForm(spdx, json);
}
