import { GENERATIONS, type Generation, type ModuleIssue, type PlannedModule } from '../model/module.ts';
import type { Release } from '../model/release.ts';
import { count, oneLine } from './format.ts';
import { code, table, text } from './markdown.ts';

/** What is longer belongs into an editor, not into an output. */
const MOST_ISSUES = 500;

/** The modules of a plan as users' workflows read them, issues in the form of the platform's own validator. */
export function modulesOutput(modules: readonly PlannedModule[] = []) {
  return modules.map((module) => ({
    path: module.path,
    name: module.name ?? null,
    version: module.version ?? null,
    validation: Object.fromEntries(
      GENERATIONS.map((generation) => [generation, validation(module, generation)]),
    ),
  }));
}

function validation(module: PlannedModule, generation: Generation) {
  const { valid, strictValid, issues } = module.validation[generation];
  return { valid, strictValid, issues: issues.slice(0, MOST_ISSUES).map(issueOutput) };
}

function issueOutput({ severity, code, message, pointer, suggestion }: ModuleIssue) {
  return {
    severity,
    code,
    message,
    ...(pointer === undefined ? {} : { pointer }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** The modules of a plan as lines of the log. */
export function moduleLines(modules: readonly PlannedModule[] = []): readonly string[] {
  return modules.flatMap((module) => [
    oneLine(`Module ${wordsOf(module)}, of ${module.manifestPath}:`),
    ...GENERATIONS.flatMap((generation) => {
      const { issues } = module.validation[generation];
      const lines = issues.map((issue) => oneLine(`    ${issue.code}: ${issue.message}`));
      return [`  generation ${generation}: ${verdictOf(module, generation)}`, ...lines.slice(0, 20)];
    }),
  ]);
}

/** As the validator says it, and as it says it with `--strict`, which decides. */
function severityOf({ severity, strictSeverity }: ModuleIssue): string {
  return strictSeverity === undefined ? severity : `${severity}, strictly ${strictSeverity}`;
}

function wordsOf({ name, version }: PlannedModule): string {
  return [name ?? 'without a name', ...(version === undefined ? [] : [version])].join(' ');
}

function verdictOf({ validation }: PlannedModule, generation: Generation): string {
  const { valid, issues } = validation[generation];
  if (issues.length === 0) return 'valid';
  return `${valid ? 'valid, but not strictly' : 'not valid'}, ${count(issues.length, 'issue')}`;
}

/** Each module with the verdict of both generations, then the issues. */
export function modulesSection({ plan }: Release): string {
  const modules = plan?.modules ?? [];
  const head = ['Module', 'Version', ...GENERATIONS.map((generation) => `Generation ${generation}`)];
  const rows = modules.map((module) => [
    `**${text(module.name ?? module.path)}** (${code(module.manifestPath)})`,
    code(module.version ?? ''),
    ...GENERATIONS.map((generation) => verdictOf(module, generation)),
  ]);
  const issues = modules.flatMap((module) =>
    GENERATIONS.flatMap((generation) =>
      module.validation[generation].issues.map((issue) => [
        generation,
        severityOf(issue),
        code(issue.code),
        code(placeOf(issue, module)),
        text(issue.message),
      ]),
    ),
  );
  const whole = 'the output `plan` has all of them.';
  const titles = ['Generation', 'Severity', 'Rule', 'Place', 'Issue'];
  return [table({ head, rows }, 50_000, whole), table({ head: titles, rows: issues }, 100_000, whole)]
    .filter((part) => part !== '')
    .join('\n');
}

function placeOf({ at }: ModuleIssue, { manifestPath }: PlannedModule): string {
  const { file, line } = at ?? { file: manifestPath };
  return line === undefined ? file : `${file}:${line}`;
}
