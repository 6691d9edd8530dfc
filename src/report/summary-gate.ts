import type { Release } from '../model/release.ts';
import { type Finding, type GateVerdict, SEVERITIES, type Violation, type Waiver } from '../model/scan.ts';
import { count } from './format.ts';
import { code, fold, link, table, text } from './markdown.ts';

const EVERYTHING = 'the scan reports and release.json have all of them.';

/** What the policy does not allow, with the versions that repair it; below, what was let through and why. */
export function findingsSection({ verdict, policy }: Release): string {
  if (verdict === undefined) return '';
  const rows = [...verdict.violations].sort(worstFirst).map(findingRow);
  const head = ['Severity', 'Finding', 'Package', 'Installed', 'Fixed in', 'Where', 'Image'];
  const severities = policy === undefined ? '' : ` of ${policy.severities.join(', ')}`;
  const found =
    rows.length === 0
      ? `The gate found nothing${severities} that the policy does not allow.\n`
      : table({ head, rows }, 250_000, EVERYTHING);
  const unfixed = [...verdict.unfixed].sort(worstFirst).map(findingRow);
  const title = `${count(unfixed.length, 'finding')} without a fix, let through by <code>ignore-unfixed</code>`;
  const more = fold(unfixed.length === 0 ? '' : title, table({ head, rows: unfixed }, 80_000, EVERYTHING));
  return more === '' ? found : `${found}\n${more}`;
}

/** Secrets first, then by severity. */
function worstFirst(a: Violation, b: Violation): number {
  return rank(b.finding) - rank(a.finding);
}

function rank({ kind, severity }: Finding): number {
  return (kind === 'secret' ? SEVERITIES.length : 0) + SEVERITIES.indexOf(severity);
}

function findingRow({ finding, image, platforms }: Violation): readonly string[] {
  const { kind, id, severity, title, installed, fixed, location, line, url } = finding;
  const words = kind === 'secret' ? `secret: ${text(title)}` : link(id, url);
  const where = line === undefined ? location : `${location}:${line}`;
  return [
    severity,
    words,
    code(finding.package),
    code(installed),
    fixed === undefined || fixed === '' ? '–' : code(fixed),
    code(where),
    `${text(image)} (${text(platforms.join(', '))})`,
  ];
}

/** Every waiver that was used, has expired, expires soon, or covers nothing. */
export function waiversSection({ verdict }: Release): string {
  if (verdict === undefined) return '';
  const head = ['State', 'Waiver', 'Covers', 'Expires', 'Owner', 'Reason'];
  return table({ head, rows: waiverRows(verdict) }, 60_000, 'release.json has all of them.');
}

function waiverRows(verdict: GateVerdict): readonly (readonly string[])[] {
  const expiring = new Set(verdict.expiringWaivers.map(key));
  const uses = new Map<string, { waiver: Waiver; times: number }>();
  for (const { waiver } of verdict.waived) {
    const times = uses.get(key(waiver))?.times ?? 0;
    uses.set(key(waiver), { waiver, times: times + 1 });
  }
  const soon = verdict.expiringWaivers.filter((waiver) => !uses.has(key(waiver)));
  return [
    ...verdict.expiredWaivers.map((waiver) => row('expired, counts as a finding', waiver, 0)),
    ...soon.map((waiver) => row('expires within 14 days', waiver, 0)),
    ...[...uses.values()].map(({ waiver, times }) =>
      row(expiring.has(key(waiver)) ? 'used, expires within 14 days' : 'used', waiver, times),
    ),
    ...verdict.unusedWaivers.map((waiver) => row('unused', waiver, 0)),
  ];
}

function key({ kind, id, paths }: Waiver): string {
  return JSON.stringify([kind, id, paths]);
}

function row(state: string, waiver: Waiver, times: number): readonly string[] {
  const paths = waiver.paths.length === 0 ? '' : ` in ${code(waiver.paths.join(', '))}`;
  return [
    state,
    `${code(waiver.id)}${paths}`,
    times === 0 ? '–' : count(times, 'finding'),
    text(waiver.expiredAt ?? 'never'),
    text(waiver.owner ?? '–'),
    text(waiver.statement),
  ];
}
