import type { Generation } from '../../../src/model/module.ts';
import { aManifest, type Change, moduleFiles } from './module-files.ts';

/** One module with (mostly) one thing done to it. */
export type Case = {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array | null>>;
  /** Why we deliberately say something else than the validator of a generation does. */
  readonly differs: Partial<Record<Generation, string>>;
};

/** A fault of the validator, for us a fault of the manifest. */
export const FAILS = { '2.1': 'the validator itself fails', '6': 'the validator itself fails' };
export const FAILS_21 = { '2.1': FAILS['2.1'] };

type Files = Readonly<Record<string, string | Uint8Array | null | undefined>>;

/** The base with these changes of its manifest. */
export function changed(name: string, ...changes: readonly Change[]): Case {
  return changedWith(name, {}, ...changes);
}

/** With other files, too; `undefined` leaves one out. */
export function changedWith(name: string, files: Files, ...changes: readonly Change[]): Case {
  const manifest = aManifest();
  for (const change of changes) change(manifest);
  const all = Object.entries({ ...moduleFiles(manifest), ...files });
  const there = all.flatMap(([path, content]) => (content === undefined ? [] : [[path, content] as const]));
  return { name, files: Object.fromEntries(there), differs: {} };
}

/** The base with this text as its manifest. */
export function written(name: string, text: string | Uint8Array, differs: Case['differs'] = {}): Case {
  return differing(differs, changedWith(name, { 'manifest.json': text }));
}

export function differing(differs: Case['differs'], one: Case): Case {
  return { ...one, differs };
}
