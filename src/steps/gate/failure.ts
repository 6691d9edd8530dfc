import { ERRORS, type Problem, problem, ReleaseError } from '../../model/errors.ts';
import type { GateVerdict, Violation } from '../../model/scan.ts';
import { placeOf } from './table.ts';

const SHOWN = 5;

/** The error of a red verdict: secrets first, because they must be rotated whatever else is done. */
export function gateError(verdict: GateVerdict): ReleaseError {
  const secrets = verdict.violations.filter(({ finding }) => finding.kind === 'secret');
  const vulnerabilities = verdict.violations.filter(({ finding }) => finding.kind === 'vulnerability');
  const problems: Problem[] = [];
  if (secrets.length > 0)
    problems.push(problem('GATE_SECRET', sentence('secret', secrets, secretText), ERRORS.GATE_SECRET.hint));
  if (vulnerabilities.length > 0)
    problems.push(
      problem(
        'GATE_FINDINGS',
        sentence('vulnerability', vulnerabilities, findingText),
        remedy(vulnerabilities),
      ),
    );
  const [first] = problems;
  if (first === undefined) return new ReleaseError('INTERNAL', 'a green verdict was taken for a red one');
  return new ReleaseError(first.code, first.message, { hint: first.hint, problems });
}

function sentence(
  what: 'secret' | 'vulnerability',
  violations: readonly Violation[],
  describe: (violation: Violation) => string,
): string {
  const images = new Set(violations.map(({ image }) => image)).size;
  const plural = what === 'secret' ? 'secrets' : 'vulnerabilities';
  const count = `${violations.length} ${violations.length === 1 ? what : plural}`;
  const where = images === 1 ? `in ${violations[0]?.image ?? ''}` : `in ${images} images`;
  const list = violations.slice(0, SHOWN).map(describe);
  const more = violations.length - list.length;
  return `the gate refuses ${count} ${where}: ${[...list, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`;
}

function secretText({ finding, ...place }: Violation): string {
  return `${finding.id} (${finding.severity}) at ${placeOf(finding)} in ${imageText(place)}`;
}

function findingText({ finding, ...place }: Violation): string {
  return `${finding.id} (${finding.severity}) ${finding.package} ${finding.installed} in ${imageText(place)}`;
}

function imageText({ image, platforms }: Pick<Violation, 'image' | 'platforms'>): string {
  return platforms.length === 0 ? image : `${image} (${platforms.join(', ')})`;
}

function remedy(violations: readonly Violation[]): string {
  const upgrades = new Set(
    violations.flatMap(({ finding }) =>
      finding.fixed === undefined ? [] : [`${finding.package} ${finding.installed} → ${finding.fixed}`],
    ),
  );
  const unfixed = violations.some(({ finding }) => finding.fixed === undefined);
  const list = [...upgrades].slice(0, SHOWN);
  const more = upgrades.size - list.length;
  const upgrade =
    upgrades.size === 0 ? [] : [`Upgrade ${list.join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
  const wait = unfixed ? ['let what has no fix yet pass with `ignore-unfixed`'] : [];
  const ways = [...upgrade, ...wait, 'add a dated waiver with a reason to the `waivers` file'];
  const all = ways.join('; or ');
  return `${all.charAt(0).toUpperCase()}${all.slice(1)}.`;
}
