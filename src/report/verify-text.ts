import { formatReference } from '../model/reference.ts';
import type { ImageReport, VerificationReport } from '../model/verification.ts';
import { clip, count, oneLine } from './format.ts';

const WIDEST = 100;
const MOST_ROWS = 400;

/** The checks as a text table for the log, the failed ones first. */
export function verifyText({ images }: VerificationReport): readonly string[] {
  return images.flatMap((image) => [
    `${image.ok ? 'Proven' : 'NOT PROVEN'}: ${oneLine(image.image)}, ${formatReference(image.ref)}`,
    ...tableOf(image),
  ]);
}

function tableOf(image: ImageReport): readonly string[] {
  const all = rowsOf(image);
  const sorted = [...all.filter(([state]) => state !== 'ok'), ...all.filter(([state]) => state === 'ok')];
  const rows = [HEAD, ...sorted.slice(0, MOST_ROWS)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((cells) => cells[i]?.length ?? 0)));
  const lines = rows.map((cells) =>
    `  ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd(),
  );
  const more = sorted.length - MOST_ROWS;
  return more > 0 ? [...lines, `  … and ${count(more, 'more check')}, which release.json has.`] : lines;
}

const HEAD = ['', 'CHECK', 'OF', 'EXPECTED', 'ACTUAL'];

function rowsOf(image: ImageReport): readonly (readonly string[])[] {
  const row = (of: string) => (check: ImageReport['checks'][number]) =>
    [check.ok ? 'ok' : (check.fault ?? 'failed'), check.title, of, check.expected, check.actual].map((cell) =>
      clip(oneLine(cell), WIDEST),
    );
  return [
    ...image.checks.map(row('image')),
    ...image.subjects.flatMap(({ platform, checks }) =>
      checks.map(row(platform ?? (image.subjects.length > 1 ? 'index' : 'image'))),
    ),
  ];
}
