import { formatReference } from '../model/reference.ts';
import type { Check, ImageReport, VerificationReport } from '../model/verification.ts';
import { clip, count, oneLine } from './format.ts';

const WIDEST = 100;
const MOST_ROWS = 400;
const HEAD = ['', 'CHECK', 'OF', 'EXPECTED', 'ACTUAL'];

/** The checks as a text table for the log, the failed ones first; an answer that several subjects share is one row. */
export function verifyText({ images }: VerificationReport): readonly string[] {
  return images.flatMap((image) => [
    `${image.ok ? 'Proven' : 'NOT PROVEN'}: ${oneLine(image.image)}, ${formatReference(image.ref)}`,
    ...tableOf(image),
  ]);
}

function tableOf(image: ImageReport): readonly string[] {
  const all = rowsOf(image);
  const sorted = [...all.filter(({ check }) => !check.ok), ...all.filter(({ check }) => check.ok)];
  const rows = [HEAD, ...sorted.slice(0, MOST_ROWS).map(cells)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  );
  const more = sorted.length - MOST_ROWS;
  return more > 0 ? [...lines, `  … and ${count(more, 'more check')}, which release.json has.`] : lines;
}

type Row = { readonly check: Check; readonly of: readonly string[] };

function rowsOf(image: ImageReport): readonly Row[] {
  const several = image.subjects.length > 1;
  const all = [
    ...image.checks.map((check) => ({ check, of: 'image' })),
    ...image.subjects.flatMap(({ platform, checks }) =>
      checks.map((check) => ({ check, of: platform ?? (several ? 'index' : 'image') })),
    ),
  ];
  const rows = new Map<string, { readonly check: Check; readonly of: string[] }>();
  for (const { check, of } of all) {
    const key = JSON.stringify([check.id, check.expected, check.actual, check.fault]);
    const row = rows.get(key) ?? { check, of: [] };
    rows.set(key, row);
    if (!row.of.includes(of)) row.of.push(of);
  }
  return [...rows.values()];
}

function cells({ check, of }: Row): readonly string[] {
  const state = check.ok ? 'ok' : (check.fault ?? 'failed');
  return [state, check.title, of.join(', '), check.expected, check.actual].map((cell) =>
    clip(oneLine(cell), WIDEST),
  );
}
