/** The generations of the platform's validator that a module is judged by: SDK 2.1.1–2.1.3, and SDK 6.0. */
export const GENERATIONS = ['2.1', '6'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** One finding in the words and codes of the platform's own validator. */
export type ModuleIssue = {
  readonly severity: 'error' | 'warning';
  /** What the validator makes of the severity with `--strict`, where it differs. */
  readonly strictSeverity?: 'error';
  /** `schema.invalid`, `structure.backend_missing`, … */
  readonly code: string;
  readonly message: string;
  /** Into manifest.json (`/resources/memory`), or the path of a file of the module (`/backend/main.py`). */
  readonly pointer?: string;
  readonly suggestion?: string;
  /** Where to look, relative to the workspace, for an annotation. */
  readonly at?: { readonly file: string; readonly line?: number };
};

/** `valid`: no error. `strictValid`: no issue at all, as with `--strict`. */
export type ModuleValidation = {
  readonly valid: boolean;
  readonly strictValid: boolean;
  readonly issues: readonly ModuleIssue[];
};

/** A text file of the module: what it holds, or why it cannot be read (not UTF-8, too large, a folder, leads out of the checkout). */
export type ModuleText = { readonly text: string } | { readonly fault: string };

/** What was read of one module folder: all that the rules need, so that they are tested without a disk. */
export type ModuleFacts = {
  /** The folder, relative to the workspace; `.` for the workspace itself. */
  readonly path: string;
  readonly manifest: ModuleText;
  /** Files and folders, relative to the module, that are there; of those that the rules ask for. */
  readonly existing: readonly string[];
  /** The text files that the rules read, by their path relative to the module. */
  readonly texts: Readonly<Record<string, ModuleText>>;
};

/** A module of the checkout, judged. */
export type PlannedModule = {
  /** The folder, relative to the workspace; `.` for the workspace itself. */
  readonly path: string;
  /** Of manifest.json, relative to the workspace, for annotations. */
  readonly manifestPath: string;
  /** As manifest.json has them; undefined when they are no strings. */
  readonly name?: string;
  readonly version?: string;
  /** manifest.json as it was read; undefined when it is no JSON object. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Pointers of numbers that JavaScript cannot hold exactly (integers beyond 2^53, beyond a double): nobody can sign them. */
  readonly inexact: readonly string[];
  /** Pointers of names that stand twice in one object; the last one counts. */
  readonly duplicates: readonly string[];
  readonly validation: Readonly<Record<Generation, ModuleValidation>>;
};
