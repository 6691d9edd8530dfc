import * as z from 'zod/mini';
import type { ManifestFacts } from '../../model/facts.ts';
import { lineAt, readJsonText } from '../../model/json-text.ts';

/** The two fields of a module's manifest.json that name a release; everything else is the module's own. */
const moduleManifest = z.object({ name: z.optional(z.string()), version: z.optional(z.string()) });

/** Reads manifest.json for the plan. `path` is relative to the workspace; a fault is told, never thrown. */
export function readModuleManifest(text: string, path: string): ManifestFacts {
  const read = readJsonText(text);
  if ('fault' in read)
    return {
      path,
      fault: `not JSON: ${read.fault}`,
      ...(read.line === undefined ? {} : { line: read.line }),
    };
  const { value, places } = read;
  const lineOf = (name: string) => {
    const offset = places.get(`/${name}`);
    return offset === undefined ? {} : { line: lineAt(text, offset) };
  };
  const parsed = moduleManifest.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path.join('.') ?? '';
    return {
      path,
      fault: `${name || 'the document'}: ${issue?.message ?? 'not an object'}`,
      ...lineOf(name),
    };
  }
  const { name, version } = parsed.data;
  return {
    path,
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version, ...lineOf('version') }),
  };
}
