import { type JsonFault, type JsonText, lineAt, readJsonText } from '../../model/json-text.ts';
import type { ModuleFacts, ModuleIssue, ModuleValidation, PlannedModule } from '../../model/module.ts';
import { RULES_6 } from './rules-6.ts';
import { RULES_21 } from './rules-21.ts';
import { type Rule, subjectOf } from './subject.ts';
import { isObject, type JsonObject } from './values.ts';

/** Judges a module by both generations of the platform's rules. Nothing of the module is run. */
export function judgeModule(facts: ModuleFacts): PlannedModule {
  const read: JsonText | JsonFault =
    'fault' in facts.manifest ? facts.manifest : readJsonText(facts.manifest.text);
  if ('fault' in read) return unreadable(facts, read);
  if (!isObject(read.value)) return unreadable(facts, { fault: 'its root is no object', line: 1 });
  const text = 'text' in facts.manifest ? facts.manifest.text : '';
  const subject = subjectOf(read.value, facts);
  const judge = (rules: readonly Rule[]) =>
    verdict(rules.flatMap((rule) => rule(subject)).map((issue) => placed(issue, facts, text, read)));
  return {
    ...placeOf(facts),
    ...namesOf(read.value),
    manifest: read.value,
    inexact: read.inexact,
    duplicates: read.duplicates,
    validation: { '2.1': judge(RULES_21), '6': judge(RULES_6) },
  };
}

function placeOf({ path }: ModuleFacts): Pick<PlannedModule, 'path' | 'manifestPath'> {
  return { path, manifestPath: inModule(path, 'manifest.json') };
}

function inModule(path: string, file: string): string {
  return path === '.' ? file : `${path}/${file}`;
}

function namesOf({ name, version }: JsonObject): Pick<PlannedModule, 'name' | 'version'> {
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof version === 'string' ? { version } : {}),
  };
}

/** The validator reports nothing else of a manifest that it cannot read. */
function unreadable(facts: ModuleFacts, { fault, line }: JsonFault): PlannedModule {
  const place = placeOf(facts);
  const issue: ModuleIssue = {
    severity: 'error',
    code: 'manifest.invalid',
    message: `manifest.json cannot be read: ${fault}`,
    at: { file: place.manifestPath, ...(line === undefined ? {} : { line }) },
  };
  const invalid = verdict([issue]);
  return { ...place, inexact: [], duplicates: [], validation: { '2.1': invalid, '6': invalid } };
}

function verdict(issues: readonly ModuleIssue[]): ModuleValidation {
  return {
    valid: issues.every(({ severity }) => severity !== 'error'),
    strictValid: issues.length === 0,
    issues,
  };
}

/** Where an issue is to be shown: in the file that it is about, else in manifest.json at what its pointer leads nearest to. */
function placed(issue: ModuleIssue, facts: ModuleFacts, text: string, { places }: JsonText): ModuleIssue {
  const pointer = issue.pointer ?? '';
  if (Object.hasOwn(facts.texts, pointer.slice(1))) {
    const file = inModule(facts.path, pointer.slice(1));
    return { ...issue, at: { ...issue.at, file } };
  }
  let nearest = pointer;
  while (nearest !== '' && !places.has(nearest)) nearest = nearest.slice(0, nearest.lastIndexOf('/'));
  const file = placeOf(facts).manifestPath;
  return { ...issue, at: { file, line: lineAt(text, places.get(nearest) ?? 0) } };
}
