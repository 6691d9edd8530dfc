import { entrypointIssues, openapi, pricing, timeouts } from './common-rules.ts';
import { contractFault } from './contract.ts';
import { hygiene } from './hygiene.ts';
import { lockDrift } from './lock.ts';
import { mcp } from './mcp.ts';
import { pipeline } from './pipeline.ts';
import { manifest6 } from './schema-6.ts';
import { schemaIssues } from './schema-issues.ts';
import { permissions6 } from './security-6.ts';
import { structure6 } from './structure.ts';
import { error, type Rule, warning } from './subject.ts';
import { isObject, isTruthy, member, strip } from './values.ts';

const schema: Rule = ({ manifest }) =>
  schemaIssues(manifest6, manifest).map((issue) => {
    const isOldAlias = issue.pointer === '/computeType' && isDocker(member(manifest, 'computeType'));
    if (!isOldAlias) return issue;
    return warning('compute_type.legacy_alias', '/computeType', {
      message: 'The compute type docker is an old name of fargate.',
      suggestion: 'Write "computeType": "fargate".',
    });
  });

function isDocker(value: unknown): boolean {
  return typeof value === 'string' && strip(value).toLowerCase() === 'docker';
}

const contracts: Rule = ({ manifest }) =>
  ['inputs', 'outputs'].flatMap((name) => {
    const fault = contractFault(member(manifest, name), { objectRoot: true });
    if (fault === undefined) return [];
    return [
      error(`schema.${name}_invalid`, `/${name}`, {
        message: `The schema of ${name} cannot be used: ${fault}`,
      }),
    ];
  });

const version: Rule = ({ manifest }) => {
  const value = member(manifest, 'version');
  if (!isTruthy(value))
    return [
      error('version.missing', '/version', {
        message: 'The manifest has no version.',
        suggestion: 'Add "version": "1.0.0".',
      }),
    ];
  const isPlain =
    typeof value === 'string' && /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.test(value);
  if (isPlain) return [];
  return [
    error('version.not_semver', '/version', {
      message: `The version is not MAJOR.MINOR.PATCH with numbers from 0 to 999: ${JSON.stringify(value)}`,
      suggestion: 'Generation 6 knows neither prereleases nor build metadata nor leading zeros.',
    }),
  ];
};

const entrypoint: Rule = ({ manifest }) => {
  const execution = member(manifest, 'execution');
  return entrypointIssues(member(isObject(execution) ? execution : manifest, 'entrypoint'));
};

const ui: Rule = ({ manifest, has }) => {
  if (member(manifest, 'type') !== 'with-ui') return [];
  const entry = has('frontend') ? 'frontend/index.tsx' : has('ui') ? 'ui/src/index.tsx' : undefined;
  if (entry === undefined)
    return [
      error('ui.frontend_missing', '/frontend', {
        message: 'The module is of the type with-ui and has neither a folder frontend nor ui.',
        suggestion: 'Create frontend/ (ui/ for a pipeline), or set the type to no-ui.',
      }),
    ];
  const settings = member(manifest, 'ui');
  return [
    ...(has(entry)
      ? []
      : [
          warning('ui.entry_missing', `/${entry}`, {
            message: `The module has no file ${entry}, the entry of its user interface.`,
          }),
        ]),
    ...['runtime', 'protocol', 'frame']
      .filter((name) => isObject(settings) && Object.hasOwn(settings, name))
      .map((name) =>
        error('ui.retired_iframe_declaration', `/ui/${name}`, {
          message: `ui.${name} belongs to a way of running user interfaces that is gone.`,
          suggestion: 'Delete it.',
        }),
      ),
  ];
};

/** The validator of SDK 6.0, in its order, without what would run the publisher's code. */
export const RULES_6: readonly Rule[] = [
  schema,
  contracts,
  mcp,
  version,
  hygiene,
  structure6,
  lockDrift,
  entrypoint,
  ui,
  permissions6,
  timeouts,
  pricing,
  openapi,
  pipeline,
];
