import { formatReference } from '../model/reference.ts';
import { type Check, checksOf, type ImageReport, type VerificationReport } from '../model/verification.ts';
import { count } from './format.ts';
import { code, fold, table, text } from './markdown.ts';

const EVERYTHING = 'release.json has all of them.';

/**
 * What was asked of the evidence and what it says: a row for each check. Failed ones first; the same answer of several
 * subjects is one row that names them.
 */
export function verificationSection(report: VerificationReport | undefined): string {
  if (report === undefined || report.images.length === 0) return '';
  const { images } = report;
  const failed = images.filter(({ ok }) => !ok).length;
  const unasked = images.filter(({ require }) => require.length === 0).length;
  const verdict =
    failed > 0
      ? `The evidence of ${failed} of ${count(images.length, 'image')} does **not** prove what it must prove.`
      : `The evidence of ${count(images.length, 'image')} proves what it must prove.`;
  const note =
    unasked === 0
      ? ''
      : ` Of ${count(unasked, 'image')} no evidence was asked for (${code('require: none')}).`;
  const parts = images.map(imagePart).join('\n');
  return `${verdict}${note}\n\n${parts}`;
}

function imagePart(image: ImageReport): string {
  const rows = rowsOf(image);
  const bad = rows.filter(({ check }) => !check.ok);
  const good = rows.filter(({ check }) => check.ok);
  const head = ['', 'Check', 'Of', 'Expected', 'Actual'];
  const where = `${code(formatReference(image.ref))}`;
  const title = `${image.ok ? '✅' : '❌'} ${text(image.image)} (${where})`;
  const failures = table({ head, rows: bad.map(cells) }, 100_000, EVERYTHING);
  const passed = fold(
    good.length === 0 ? '' : `${count(checksOf(image).filter(({ ok }) => ok).length, 'check')} passed`,
    table({ head, rows: good.map(cells) }, 60_000, EVERYTHING),
  );
  const refused = refusedPart(image);
  return [title, failures, passed, refused].filter((part) => part !== '').join('\n\n');
}

type Row = { readonly check: Check; readonly of: readonly string[] };

function rowsOf(image: ImageReport): readonly Row[] {
  const rows = new Map<string, { readonly check: Check; readonly of: string[] }>();
  const add = (check: Check, of: string): void => {
    // Times and log entries differ from bundle to bundle; a check that has a subject's own digest stays apart anyway.
    const key = JSON.stringify([check.id, check.expected, check.actual, check.fault]);
    const row = rows.get(key) ?? { check, of: [] };
    rows.set(key, row);
    if (!row.of.includes(of)) row.of.push(of);
  };
  for (const check of image.checks) add(check, 'image');
  for (const { platform, checks } of image.subjects)
    for (const check of checks) add(check, platform ?? (image.subjects.length > 1 ? 'index' : 'image'));
  return [...rows.values()];
}

function cells({ check, of }: Row): readonly string[] {
  const fault = check.fault === undefined ? '' : ` ${code(check.fault)}`;
  return [
    check.ok ? '✅' : '❌',
    `${text(check.title)}${fault}`,
    text(of.join(', ')),
    code(check.expected),
    code(check.actual),
  ];
}

/** Bundles beside the good ones, which were not taken: worth a look, and no reason to stop. */
function refusedPart({ subjects }: ImageReport): string {
  const rows = subjects.flatMap(({ platform, refused }) =>
    refused.map(({ source, kind, fault, message }) => [
      code(fault),
      text(kind ?? '–'),
      text(platform ?? 'index'),
      text(message),
      code(source),
    ]),
  );
  const head = ['Fault', 'Kind', 'Of', 'Why', 'Bundle'];
  const title = rows.length === 0 ? '' : `${count(rows.length, 'attached bundle')} not taken`;
  return fold(title, table({ head, rows }, 40_000, EVERYTHING));
}
