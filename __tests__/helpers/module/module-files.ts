import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A module as files by path; `null` is a folder, bytes are written as they are. */
export type ModuleFiles = Readonly<Record<string, string | Uint8Array | null>>;

type Json = Record<string, unknown>;

/** A module that both generations find nothing wrong with. */
export function aManifest(): Json {
  return {
    schemaVersion: '1.0',
    name: 'peptide-counter',
    version: '1.2.3',
    type: 'no-ui',
    computeType: 'fargate',
    description: 'Counts peptides.',
    tags: ['peptides'],
    author: { name: 'A Lab', email: 'lab@example.com', organization: 'Lab' },
    execution: {
      entrypoint: 'backend.main:PeptideCounter',
      supports: ['interactive', 'async'],
      defaultMode: 'interactive',
    },
    resources: { memory: 1024, vcpus: 1, maxRuntimeSeconds: 600 },
    inputs: {
      type: 'object',
      properties: { peptide: { type: 'string', minLength: 8, default: 'SIINFEKL' } },
      required: ['peptide'],
    },
    outputs: { type: 'object', properties: { count: { type: 'integer' } } },
    pricing: { tiers: [{ tier: 'foundational', model: 'usage-based', amountAct: 0.5 }] },
  };
}

export const MAIN = `from hla_compass import Module


class PeptideCounter(Module):
    def execute(self, input_data, context):
        return self.success(results={"count": 1})
`;

export function moduleFiles(manifest: Json = aManifest()): Record<string, string | Uint8Array | null> {
  return {
    'manifest.json': JSON.stringify(manifest, null, 2),
    'backend/__init__.py': '',
    'backend/main.py': MAIN,
    'backend/requirements.txt': '# What it imports\nnumpy==2.1.0\n',
    'examples/sample.json': '{"peptide": "SIINFEKL"}',
  };
}

export function writeModule(folder: string, files: ModuleFiles): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const place = join(folder, path);
    mkdirSync(content === null ? place : dirname(place), { recursive: true });
    if (content !== null) writeFileSync(place, content);
  }
}

/** A change of one place of a manifest: `/resources/memory`. */
export type Change = (manifest: Json) => void;

export function put(pointer: string, value: unknown): Change {
  return (manifest) => {
    const [holder, name] = locate(manifest, pointer);
    holder[name] = value;
  };
}

export function drop(pointer: string): Change {
  return (manifest) => {
    const [holder, name] = locate(manifest, pointer);
    delete holder[name];
  };
}

/** Objects on the way are made. */
function locate(manifest: Json, pointer: string): [Json, string] {
  const path = pointer.slice(1).split('/');
  let holder = manifest;
  for (const name of path.slice(0, -1)) {
    holder[name] ??= {};
    holder = holder[name] as Json;
  }
  return [holder, path.at(-1) ?? ''];
}
