import { entrypointIssues, openapi, pricing, timeouts } from './common-rules.ts';
import { manifest21 } from './schema-21.ts';
import { schemaIssues } from './schema-issues.ts';
import { structure21 } from './structure.ts';
import { error, type Rule, strictly, warning } from './subject.ts';
import { elementsOf, isTruthy, member } from './values.ts';

const schema: Rule = ({ manifest }) => schemaIssues(manifest21, manifest);

const entrypoint: Rule = ({ manifest }) => {
  const execution = member(manifest, 'execution');
  const named = member(execution, 'entrypoint');
  return entrypointIssues(isTruthy(named) ? named : member(manifest, 'entrypoint'));
};

const ui: Rule = ({ manifest, has }) => {
  if (member(manifest, 'type') !== 'with-ui') return [];
  if (!has('frontend'))
    return [
      error('ui.frontend_missing', '/frontend', {
        message: 'The module is of the type with-ui and has no folder frontend.',
        suggestion: 'Create frontend/ with the user interface, or set the type to no-ui.',
      }),
    ];
  if (has('frontend/index.tsx')) return [];
  return [
    warning('ui.entry_missing', '/frontend/index.tsx', {
      message: 'The module has no file frontend/index.tsx, the entry of its user interface.',
    }),
  ];
};

const WILDCARDS: readonly unknown[] = ['*', '0.0.0.0/0'];

const permissions: Rule = ({ manifest }) => {
  const wanted = member(manifest, 'permissions');
  const deletes = elementsOf(member(wanted, 'database')).some(
    (each) => String(each).toLowerCase() === 'delete',
  );
  const wild = elementsOf(member(wanted, 'network')).some((each) => WILDCARDS.includes(each));
  return [
    ...(deletes
      ? [
          strictly('security.database_delete', '/permissions/database', {
            message: 'The module asks for the right to delete from the database.',
            suggestion: 'Leave out delete, unless the module cannot do without it.',
          }),
        ]
      : []),
    ...(wild
      ? [
          strictly('security.network_wildcard', '/permissions/network', {
            message: 'The module asks for the whole network.',
            suggestion: 'Name the domains that it needs.',
          }),
        ]
      : []),
  ];
};

/** The validator of SDK 2.1.1 to 2.1.3, in its order, without what would run the publisher's code. */
export const RULES_21: readonly Rule[] = [
  schema,
  structure21,
  entrypoint,
  ui,
  permissions,
  timeouts,
  pricing,
  openapi,
];
