import type { ModuleFacts, ModuleIssue, ModuleText } from '../../model/module.ts';
import type { JsonObject } from './values.ts';

/** What a rule looks at. */
export type Subject = {
  readonly manifest: JsonObject;
  /** Whether a file or folder of the module is there. */
  readonly has: (path: string) => boolean;
  /** A text file; undefined when it is not there. */
  readonly text: (path: string) => ModuleText | undefined;
};

export type Rule = (subject: Subject) => readonly ModuleIssue[];

export function subjectOf(manifest: JsonObject, facts: Pick<ModuleFacts, 'existing' | 'texts'>): Subject {
  const existing = new Set(facts.existing);
  return {
    manifest,
    has: (path) => existing.has(path),
    text: (path) => (Object.hasOwn(facts.texts, path) ? facts.texts[path] : undefined),
  };
}

type Words = { readonly message: string; readonly suggestion?: string };

export function error(code: string, pointer: string, words: Words): ModuleIssue {
  return { severity: 'error', code, pointer, ...words };
}

export function warning(code: string, pointer: string, words: Words): ModuleIssue {
  return { severity: 'warning', code, pointer, ...words };
}

/** A warning that `--strict` calls an error. */
export function strictly(code: string, pointer: string, words: Words): ModuleIssue {
  return { severity: 'warning', strictSeverity: 'error', code, pointer, ...words };
}
