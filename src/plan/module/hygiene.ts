import { type Rule, strictly } from './subject.ts';
import { isObject, member } from './values.ts';

type Ignored = { readonly path: readonly string[]; readonly code: string; readonly instead: string };

/** Fields that the platform of generation 6 does not look at. */
const IGNORED: readonly Ignored[] = [
  {
    path: ['computeRequirements'],
    code: 'manifest.compute_requirements_ignored',
    instead: 'Declare sizes under resources, or remove it.',
  },
  {
    path: ['dependencies'],
    code: 'manifest.dependencies_ignored',
    instead: 'Name Python packages in backend/requirements.txt.',
  },
  {
    path: ['resources', 'environment'],
    code: 'manifest.resources_environment_ignored',
    instead: 'Use environment_variables at the root, or remove it.',
  },
  {
    path: ['execution', 'modes'],
    code: 'manifest.execution_modes_ignored',
    instead: 'Rename it to supports.',
  },
  { path: ['metadata', 'auditLog'], code: 'manifest.audit_log_ignored', instead: 'Remove it.' },
];

export const hygiene: Rule = ({ manifest }) =>
  IGNORED.filter(({ path }) => isThere(manifest, path)).map(({ path, code, instead }) =>
    strictly(code, `/${path.join('/')}`, {
      message: `The platform ignores ${path.join('.')}.`,
      suggestion: instead,
    }),
  );

function isThere(manifest: unknown, path: readonly string[]): boolean {
  const holder = path.slice(0, -1).reduce((value, name) => member(value, name), manifest);
  return isObject(holder) && Object.hasOwn(holder, path.at(-1) ?? '');
}
