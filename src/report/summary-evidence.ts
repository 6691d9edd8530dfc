import type { Attestation } from '../model/attestation.ts';
import { shortDigest } from '../model/digest.ts';
import type { Release } from '../model/release.ts';
import { code, link, table, text } from './markdown.ts';

/** What this run has signed, or brought to a store that lacked it. */
export function madeHere(attestations: readonly Attestation[]): readonly Attestation[] {
  return attestations.filter(({ known }) => known !== true);
}

/** What was signed about which digest. */
export function evidenceSection({ attestations, plan }: Release): string {
  if (attestations === undefined) {
    const decision = plan?.steps.find(({ id }) => id === 'attest');
    return decision?.do === 'skip' ? `No attestations: ${text(decision.reason)}.` : '';
  }
  const made = madeHere(attestations);
  if (made.length === 0) return 'All attestations were there already.';
  const subjects = new Map<string, readonly Attestation[]>();
  for (const each of made) {
    // Two images may have equal bytes.
    const key = `${each.image} ${each.subject}`;
    subjects.set(key, [...(subjects.get(key) ?? []), each]);
  }
  const rows = [...subjects.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const kinds = of.map(({ kind, url }) => link(kind, url));
    return [
      [
        text(first.image),
        text(first.platform ?? 'index'),
        code(shortDigest(first.subject)),
        kinds.join(', '),
      ],
    ];
  });
  const head = ['Image', 'Platform', 'Digest', 'Signed'];
  return table({ head, rows }, 100_000, 'release.json has all of them.');
}

/** What a reader types to check the images without us. */
export function commandsSection({ verifyCommands = [] }: Release): string {
  const lines = verifyCommands.flatMap(({ image, lines }) => [`# ${image}`, ...lines]);
  if (lines.length === 0) return '';
  // A pattern that somebody gave for an identity may hold backticks itself.
  const longest = Math.max(2, ...(lines.join('\n').match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sh`, ...lines, fence].join('\n');
}
