import type { ModuleIssue } from '../../model/module.ts';
import { error, type Rule, type Subject, warning } from './subject.ts';
import { isTruthy, linesOf, member, strip } from './values.ts';

export const REQUIREMENTS = 'backend/requirements.txt';

/** Generation 2.1 wants backend/main.py, whatever the entrypoint says. */
export const structure21: Rule = (subject) => structure(subject, 'backend/main.py');

/** Generation 6 wants the file that the entrypoint names. */
export const structure6: Rule = (subject) =>
  structure(subject, entrypointFile(subject.manifest) ?? 'backend/main.py');

function structure(subject: Subject, main: string): readonly ModuleIssue[] {
  const backend = subject.has('backend')
    ? [...mainFile(subject, main), ...requirements(subject)]
    : [
        error('structure.backend_missing', '/backend', {
          message: 'The module has no folder backend.',
          suggestion: 'Create backend/ with main.py and requirements.txt.',
        }),
      ];
  return subject.has('examples')
    ? backend
    : [
        ...backend,
        warning('structure.examples_missing', '/examples', {
          message: 'The module has no folder examples with sample payloads.',
          suggestion: 'Create examples/ with one sample payload.',
        }),
      ];
}

function mainFile({ has }: Subject, path: string): readonly ModuleIssue[] {
  if (has(path)) return [];
  return [
    error('structure.entrypoint_missing', `/${path}`, {
      message: `The module has no file ${path}.`,
      suggestion: `Create ${path} with the class of the module.`,
    }),
  ];
}

function requirements({ text }: Subject): readonly ModuleIssue[] {
  const read = text(REQUIREMENTS);
  const pointer = `/${REQUIREMENTS}`;
  if (read === undefined)
    return [
      warning('structure.requirements_missing', pointer, {
        message: `The module has no file ${REQUIREMENTS}.`,
        suggestion: 'Create it, with one line for each package that the module imports.',
      }),
    ];
  if ('fault' in read)
    return [
      warning('structure.requirements_read_error', pointer, {
        message: `${REQUIREMENTS} cannot be read: ${read.fault}`,
      }),
    ];
  return linesOf(read.text).flatMap((raw, index) => {
    const line = strip(raw);
    if (line === '' || line.startsWith('#') || (line.split(';')[0] ?? '').includes('==')) return [];
    const issue = error('structure.requirements_unpinned', pointer, {
      message: `A line of ${REQUIREMENTS} pins no exact version: ${line}`,
      suggestion: 'Pin it as name==version.',
    });
    return [{ ...issue, at: { file: REQUIREMENTS, line: index + 1 } }];
  });
}

/**
 * The file of `execution.entrypoint` (else of the root's `entrypoint`), relative to the module; undefined when there is no
 * `module:Class`, or the module's name leads nowhere.
 */
export function entrypointFile(manifest: unknown): string | undefined {
  const execution = member(manifest, 'execution');
  const named = member(execution, 'entrypoint');
  const entrypoint = isTruthy(named) ? named : member(manifest, 'entrypoint');
  if (typeof entrypoint !== 'string' || !entrypoint.includes(':')) return undefined;
  const name = strip(entrypoint.split(':')[0] ?? '');
  // An absolute path leads out of the module, and the validator fails on it.
  const parts = name.split('.').flatMap((part) => part.split('/'));
  const isPlain =
    !name.includes('..') && !name.includes('\\') && !name.split('.').some((part) => part.startsWith('/'));
  const path = parts.filter((part) => part !== '').join('/');
  return isPlain && path !== '' ? `${path}.py` : undefined;
}
