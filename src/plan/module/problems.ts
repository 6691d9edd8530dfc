import { ERRORS, type Problem, problem } from '../../model/errors.ts';
import type { ModuleIssue, PlannedModule } from '../../model/module.ts';
import { isObject, member } from './values.ts';

/** More are counted, not told one by one. */
const MOST = 50;

/** Whether a manifest.json says of itself that it is a module's, and not another tool's. */
export function isModule({ manifest }: Pick<PlannedModule, 'manifest'>): boolean {
  const type = member(manifest, 'type');
  return isObject(member(manifest, 'execution')) || type === 'no-ui' || type === 'with-ui';
}

/**
 * Why a module cannot be released: every issue of generation 2.1 with its place, because there a publish takes no issue at
 * all. What cannot be read is told where its version is read.
 */
export function moduleProblems(module: PlannedModule): readonly Problem[] {
  const issues = module.validation['2.1'].issues.filter(({ code }) => code !== 'manifest.invalid');
  const told = issues.slice(0, MOST).map((issue) => ({
    ...problem('MANIFEST_INVALID', wordsOf(module, issue), hintOf(module, issue)),
    at: issue.at ?? { file: module.manifestPath },
  }));
  if (issues.length <= MOST) return told;
  const more = `${module.manifestPath} has ${issues.length - MOST} more issues, which the output \`plan\` has`;
  return [...told, problem('MANIFEST_INVALID', more)];
}

/** Who has made the module with the newest tool wonders why it is wrong. */
function hintOf({ validation }: PlannedModule, { suggestion }: ModuleIssue): string {
  const hint = suggestion ?? ERRORS.MANIFEST_INVALID.hint;
  if (!validation['6'].valid) return hint;
  return `${hint} Generation 6 of the platform takes this module as it is, but 2.1 decides, by which it is published: write what both take (docs/modules.md, Generations), or release the image alone with \`manifest: false\` and without \`publish\`.`;
}

/** A sentence for the log, and its place. */
export type ModuleWarning = {
  readonly message: string;
  readonly at: { readonly file: string; readonly line?: number };
};

/** What does not stand in the way: issues that only generation 6 has, and names that stand twice. */
export function moduleWarnings(module: PlannedModule): readonly ModuleWarning[] {
  const known = new Set(module.validation['2.1'].issues.map(keyOf));
  const place = { file: module.manifestPath };
  const twice = module.duplicates.map((pointer) => ({
    message: `${module.manifestPath} has ${pointer} twice, and the last one counts.`,
    at: place,
  }));
  const later = module.validation['6'].issues
    .filter((issue) => !known.has(keyOf(issue)))
    .map((issue) => ({
      message: `Generation 6 of the platform will not take this module (${issue.code}): ${issue.message}`,
      at: issue.at ?? place,
    }));
  return [...twice, ...later].slice(0, MOST);
}

function keyOf({ code, pointer }: ModuleIssue): string {
  return `${code} ${pointer ?? ''}`;
}

function wordsOf({ manifestPath }: PlannedModule, { code, message }: ModuleIssue): string {
  return `${manifestPath} is not what the platform takes (${code}): ${message}`;
}
