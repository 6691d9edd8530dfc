import type { ModuleIssue } from '../../model/module.ts';
import { error, type Rule, strictly, warning } from './subject.ts';
import { isObject, isTruthy, member, numberOf } from './values.ts';

const ENTRYPOINT = '/execution/entrypoint';

/** What can be said of an entrypoint without importing it, which would run the publisher's code. */
export function entrypointIssues(entrypoint: unknown): readonly ModuleIssue[] {
  if (!isTruthy(entrypoint))
    return [
      error('entrypoint.missing', ENTRYPOINT, {
        message: 'The manifest names no entrypoint.',
        suggestion: 'Add "execution": {"entrypoint": "backend.main:YourModule"}.',
      }),
    ];
  const isBare =
    typeof entrypoint === 'string'
      ? !entrypoint.includes(':')
      : Array.isArray(entrypoint)
        ? !entrypoint.includes(':')
        : isObject(entrypoint) && !Object.hasOwn(entrypoint, ':');
  if (!isBare) return [];
  return [
    error('entrypoint.invalid', ENTRYPOINT, {
      message: `The entrypoint has no colon between module and class: ${JSON.stringify(entrypoint)}`,
      suggestion: 'Write it as module:Class, for example backend.main:YourModule.',
    }),
  ];
}

export const timeouts: Rule = ({ manifest }) => {
  const resources = member(manifest, 'resources');
  const timeout = numberOf(member(resources, 'timeout'));
  const given = member(resources, 'maxRuntimeSeconds');
  const runtime = numberOf(given);
  return [
    ...(timeout === undefined || (3 <= timeout && timeout <= 900)
      ? []
      : [
          error('security.timeout_out_of_range', '/resources/timeout', {
            message: `resources.timeout is not between 3 and 900 seconds: ${timeout}`,
            suggestion: 'Use maxRuntimeSeconds, or a timeout between 3 and 900.',
          }),
        ]),
    ...(given === undefined || given === null || (runtime !== undefined && 60 <= runtime && runtime <= 14_400)
      ? []
      : [
          error('security.max_runtime_out_of_range', '/resources/maxRuntimeSeconds', {
            message: `resources.maxRuntimeSeconds is not between 60 and 14400 seconds: ${JSON.stringify(given)}`,
            suggestion: 'Set it between 60 and 14400.',
          }),
        ]),
  ];
};

export const pricing: Rule = ({ manifest }) => {
  const tiers = member(member(manifest, 'pricing'), 'tiers');
  if (!isTruthy(tiers))
    return [
      strictly('pricing.tiers_missing', '/pricing/tiers', {
        message: 'The manifest has no price tiers, which a publish needs.',
        suggestion: 'Add "pricing": {"tiers": [{"tier": "foundational", "amountAct": 0}]} with your price.',
      }),
    ];
  const list: readonly unknown[] = Array.isArray(tiers) ? tiers : [];
  return list.flatMap((tier, index) => {
    const amount = member(tier, 'amountAct');
    const isMissing = isObject(tier) && (amount === undefined || amount === null || amount === '');
    if (!isMissing) return [];
    return [
      error('pricing.amount_missing', `/pricing/tiers/${index}/amountAct`, {
        message: `Price tier ${index + 1} has no amountAct.`,
        suggestion: 'Add the amount as a number.',
      }),
    ];
  });
};

/** What the platform's API description asks for. */
const DESCRIBED = ['schemaVersion', 'name', 'version', 'type', 'execution'];
const DESCRIBED_VERSION = '1.0';

export const openapi: Rule = ({ manifest }) => {
  const missing = DESCRIBED.filter((name) => !Object.hasOwn(manifest, name)).map((name) =>
    strictly('openapi.missing_required_field', `/${name}`, {
      message: `The manifest has no ${name}, which the platform's API asks for.`,
      suggestion: `Add "${name}".`,
    }),
  );
  const version = member(manifest, 'schemaVersion');
  if (!isTruthy(version) || version === DESCRIBED_VERSION) return missing;
  return [
    ...missing,
    warning('openapi.schema_version_mismatch', '/schemaVersion', {
      message: `schemaVersion is not ${DESCRIBED_VERSION}: ${JSON.stringify(version)}`,
      suggestion: `Write "schemaVersion": "${DESCRIBED_VERSION}".`,
    }),
  ];
};
