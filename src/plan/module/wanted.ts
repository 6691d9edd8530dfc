import { readJsonText } from '../../model/json-text.ts';
import type { ModuleText } from '../../model/module.ts';
import { LOCK } from './lock.ts';
import { HANDLER } from './pipeline.ts';
import { entrypointFile, REQUIREMENTS } from './structure.ts';

/** Paths relative to the module: whose existence the rules ask for, and whose text they read. */
export type Wanted = { readonly paths: readonly string[]; readonly texts: readonly string[] };

const PATHS = [
  'backend',
  'backend/main.py',
  'examples',
  'frontend',
  'frontend/index.tsx',
  'ui',
  'ui/src/index.tsx',
  'pipeline',
  'pipeline/main.nf',
  'pipeline/nextflow_schema.json',
];

/** What has to be read of a module whose manifest is this: the entrypoint's file depends on it. */
export function wantedOf(manifest: ModuleText): Wanted {
  const read = 'fault' in manifest ? manifest : readJsonText(manifest.text);
  const entry = 'fault' in read ? undefined : entrypointFile(read.value);
  return {
    paths: [...PATHS, ...(entry === undefined ? [] : [entry])],
    texts: [REQUIREMENTS, LOCK, HANDLER],
  };
}
