import * as z from 'zod/mini';
import type { ManifestFacts } from '../../model/facts.ts';

/** The two fields of a module's manifest.json that name a release; everything else is the module's own. */
const moduleManifest = z.object({ name: z.optional(z.string()), version: z.optional(z.string()) });

/** Reads manifest.json for the plan. `path` is relative to the workspace; a fault is told, never thrown. */
export function readModuleManifest(text: string, path: string): ManifestFacts {
  const json = parseJson(text);
  if ('fault' in json) return { path, fault: json.fault };
  const parsed = moduleManifest.safeParse(json.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      path,
      fault: `${issue?.path.join('.') || 'the document'}: ${issue?.message ?? 'not an object'}`,
    };
  }
  const { name, version } = parsed.data;
  const versionLine = version === undefined ? undefined : lineOfVersion(text, version);
  return {
    path,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(versionLine === undefined ? {} : { versionLine }),
  };
}

function parseJson(text: string): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { fault: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** 1-based line on which `"version": "<version>"` stands first. */
function lineOfVersion(text: string, version: string): number | undefined {
  const wanted = JSON.stringify(version);
  const line = text.split('\n').findIndex((l) => /"version"\s*:/.test(l) && l.includes(wanted));
  return line < 0 ? undefined : line + 1;
}
