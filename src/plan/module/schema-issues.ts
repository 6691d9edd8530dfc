import type * as z from 'zod/mini';
import type { ModuleIssue } from '../../model/module.ts';
import { isObject, type JsonObject } from './values.ts';

/** The faults of a manifest against its schema, at the pointers that JSON Schema gives them. */
export function schemaIssues(schema: z.ZodMiniType, manifest: JsonObject): readonly ModuleIssue[] {
  const parsed = schema.safeParse(manifest);
  return (parsed.error?.issues ?? []).map((issue) => {
    const found = follow(manifest, issue.path);
    const name = issue.path.map(String).join('.') || 'the manifest';
    if (found === undefined) {
      // A missing name is a fault of the object that lacks it.
      return { ...issueAt(issue.path.slice(0, -1)), message: `${name} is required.` };
    }
    return { ...issueAt(issue.path), message: `${name} ${expectation(issue)}: ${show(found.value)}` };
  });
}

function issueAt(path: readonly PropertyKey[]): Omit<ModuleIssue, 'message'> {
  const pointer = path.length === 0 ? {} : { pointer: `/${path.map(String).join('/')}` };
  return { severity: 'error', code: 'schema.invalid', ...pointer };
}

function follow(root: unknown, path: readonly PropertyKey[]): { readonly value: unknown } | undefined {
  let value = root;
  for (const part of path) {
    const key = String(part);
    if (Array.isArray(value)) value = value[Number(key)];
    else if (isObject(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return { value };
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `has to be of the type ${issue.expected}`;
    case 'invalid_value':
      return `has to be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `may not have ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return 'has none of its allowed forms';
    default:
      return issue.message;
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text;
}
