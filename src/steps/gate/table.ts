import type { Violation } from '../../model/scan.ts';

const MOST_ROWS = 100;
const WIDEST_CELL = 60;

/** The violations as a text table for the log. Long lists end with how many more there are. */
export function violationTable(violations: readonly Violation[]): readonly string[] {
  const rows = violations.slice(0, MOST_ROWS).map(row);
  const head = ['SEVERITY', 'FINDING', 'PACKAGE', 'INSTALLED', 'FIXED IN', 'WHERE', 'IMAGE'];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = violations.length - rows.length;
  return more > 0 ? [...lines, `… and ${more} more, which the reports hold.`] : lines;
}

function row({ image, platforms, finding }: Violation): readonly string[] {
  const secret = finding.kind === 'secret';
  return [
    finding.severity,
    finding.id,
    secret ? '' : finding.package,
    finding.installed,
    secret ? '' : (finding.fixed ?? 'no fix yet'),
    placeOf(finding),
    platforms.length === 0 ? image : `${image} (${platforms.join(', ')})`,
  ].map(cut);
}

/** File and line where a finding stands. */
export function placeOf({ location, line }: Violation['finding']): string {
  return line === undefined ? location : `${location}:${line}`;
}

/** The end of a path says more than its beginning. */
function cut(cell: string): string {
  return cell.length <= WIDEST_CELL ? cell : `…${cell.slice(1 - WIDEST_CELL)}`;
}
