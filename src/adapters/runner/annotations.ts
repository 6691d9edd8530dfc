/**
 * Our own small writer of workflow commands. It loads nothing, so a wrong input is shown before any library is read; and
 * it is synchronous, so a mask is in force before the next line.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */

type Properties = Readonly<Record<string, string | number | undefined>>;

/** One line without its line end: `::error file=a%2Cb,line=3::message`. Properties without a value are left out. */
export function workflowCommand(name: string, message = '', properties: Properties = {}): string {
  const pairs = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(String(value))}`],
  );
  return `::${name}${pairs.length === 0 ? '' : ` ${pairs.join(',')}`}::${escapeData(message)}`;
}

export type AnnotationLevel = 'notice' | 'warning' | 'error';

/** Where an annotation stands in the repository, and its heading. */
export type Place = { readonly file?: string; readonly line?: number; readonly title?: string };

export function annotation(level: AnnotationLevel, message: string, place: Place = {}): string {
  const { file, line, title } = place;
  return workflowCommand(level, message, { file, line, title });
}

/** Whether the runner could read this line of output as a command, in the form `::name::` or the old `##[name]`. */
export function looksLikeCommand(line: string): boolean {
  return /^[^!-~]*::|##\[/.test(line);
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
