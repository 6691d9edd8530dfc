import type { ModuleIssue } from '../../model/module.ts';
import { error, type Rule, strictly } from './subject.ts';
import { isObject, isTruthy, member, numberOf, strip } from './values.ts';

const KNOWN = ['database', 'requiredRoles'];
const ROLES: readonly unknown[] = ['user', 'developer', 'org_admin', 'platform_admin'];

/** What generation 6 allows a module to ask for, and what its compute type allows it to take. */
export const permissions6: Rule = ({ manifest }) => {
  const permissions = member(manifest, 'permissions');
  const unknown = isObject(permissions)
    ? Object.keys(permissions).filter((name) => !KNOWN.includes(name))
    : [];
  return [
    ...(unknown.length === 0
      ? []
      : [
          strictly('security.unknown_permission_keys', '/permissions', {
            message: `Permissions that the platform does not know: ${unknown.join(', ')}`,
            suggestion: `It knows ${KNOWN.join(' and ')}.`,
          }),
        ]),
    ...roleIssues(member(permissions, 'requiredRoles')),
    ...databaseIssues(member(permissions, 'database')),
    ...(isLambda(manifest) ? lambdaIssues(member(manifest, 'resources')) : []),
  ];
};

function roleIssues(roles: unknown): readonly ModuleIssue[] {
  if (roles === undefined || roles === null) return [];
  const pointer = '/permissions/requiredRoles';
  const suggestion = `Give a list of ${ROLES.join(', ')}.`;
  if (!Array.isArray(roles))
    return [
      error('security.required_roles_not_list', pointer, {
        message: 'requiredRoles is no list.',
        suggestion,
      }),
    ];
  const strange = roles.filter((role) => !ROLES.includes(role));
  if (strange.length === 0) return [];
  return [
    error('security.required_roles_invalid', pointer, {
      message: `requiredRoles names what is no role: ${strange.map((role) => JSON.stringify(role)).join(', ')}`,
      suggestion,
    }),
  ];
}

function databaseIssues(database: unknown): readonly ModuleIssue[] {
  if (database === undefined || database === null || database === false) return [];
  const code = database === true ? 'security.database_not_supported' : 'security.database_not_bool';
  return [
    error(code, '/permissions/database', {
      message:
        'permissions.database is neither false nor absent, and modules have no database of the platform.',
      suggestion: "Remove it, and read data by the SDK's own helpers.",
    }),
  ];
}

export function computeType(manifest: unknown): string {
  const [first, second] = [member(manifest, 'computeType'), member(manifest, 'compute_type')];
  const value = isTruthy(first) ? first : second;
  return typeof value === 'string' ? strip(value).toLowerCase() : '';
}

function isLambda(manifest: unknown): boolean {
  return computeType(manifest) === 'lambda';
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
function lambdaIssues(resources: unknown): readonly ModuleIssue[] {
  const runtime = numberOf(member(resources, 'maxRuntimeSeconds'));
  const given = member(resources, 'memory');
  const memory = numberOf(given);
  return [
    ...(runtime === undefined || runtime <= 900 || runtime > 14_400
      ? []
      : [
          error('compute.lambda_timeout_exceeded', '/resources/maxRuntimeSeconds', {
            message: `The compute type lambda runs for at most 900 seconds: ${runtime}`,
            suggestion: 'Set maxRuntimeSeconds to at most 900, or choose fargate or batch.',
          }),
        ]),
    ...(given === undefined || given === null || (memory !== undefined && 128 <= memory && memory <= 10_240)
      ? []
      : [
          error('compute.lambda_memory_out_of_range', '/resources/memory', {
            message: `The compute type lambda has between 128 and 10240 MB of memory: ${JSON.stringify(given)}`,
            suggestion: 'Set memory between 128 and 10240.',
          }),
        ]),
  ];
}
