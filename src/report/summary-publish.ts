import { shortDigest } from '../model/digest.ts';
import type { PublishedModule, PublishOutcome } from '../model/publish.ts';
import type { Release } from '../model/release.ts';
import { code, fold, link, table, text } from './markdown.ts';

const MARKS: Readonly<Record<PublishOutcome, string>> = {
  published: '✅',
  unchanged: '✅',
  accepted: '⏳',
  submitted: '⏳',
  timeout: '⏳',
  failed: '❌',
  rejected: '❌',
  cancelled: '❌',
};

const MEANINGS: Readonly<Record<PublishOutcome, string>> = {
  published: 'The platform has taken it in.',
  unchanged: 'An earlier run has published these very bytes; nothing was sent again.',
  accepted: 'The platform has accepted it; its intake goes on.',
  submitted: 'It waits for an approval.',
  timeout: 'Its intake goes on; this run has stopped waiting.',
  failed: 'The intake failed.',
  rejected: 'The platform rejected it.',
  cancelled: 'The intake was cancelled.',
};

/** What the platform was told, and what it answered. */
export function publishSection({ published = [] }: Release): string {
  const rows = published.map((module) => [
    `${MARKS[module.outcome]} ${module.outcome}`,
    `${text(module.name)} ${text(module.version)}`,
    text(`${module.platform}, ${module.scope}`),
    code(shortDigest(module.ref.digest)),
    module.job?.id === undefined ? '–' : link(module.job.id, module.job.logsUrl),
    [MEANINGS[module.outcome], ...wordsOf(module)].join('<br>'),
  ]);
  const head = ['', 'Module', 'Platform', 'Digest', 'Job', 'What happened'];
  const parts = [
    table({ head, rows }, 60_000, 'release.json has all of them.'),
    ...published.slice(0, 20).map(watchPart),
    ...published.slice(0, 1).map(identityPart),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function wordsOf({ job }: PublishedModule): readonly string[] {
  if (job === undefined) return [];
  const { phase, reason, scan } = job;
  const counts = Object.entries(scan?.counts ?? {}).map(([severity, number]) => `${number} ${severity}`);
  return [
    ...(phase === undefined ? [] : [`Phase: ${text(phase)}`]),
    ...(reason === undefined ? [] : [`Reason: ${text(reason, 500)}`]),
    ...(scan === undefined
      ? []
      : [`Security scan: ${text([scan.status ?? '', counts.join(', ')].filter(Boolean).join(': '))}`]),
  ];
}

function watchPart({ outcome, watch }: PublishedModule): string {
  const isOpen = outcome === 'accepted' || outcome === 'submitted' || outcome === 'timeout';
  return watch === undefined || !isOpen ? '' : `Watch it: ${code(watch)}`;
}

/** A key that nobody keeps cannot sign again: said where the people who care will read it. */
function identityPart({ identity }: PublishedModule): string {
  if (identity === undefined) return '';
  const { fingerprint, origin, publicKey } = identity;
  const meaning =
    origin === 'generated'
      ? 'The manifest is signed with a key that was made for this run and is gone with it (`generate-keys`): **every release has a new identity**, and whoever compares identities sees another publisher each time. Keep a key as the secret of `publish-key` for one identity.'
      : 'The manifest is signed with the key of `publish-key`.';
  return `${meaning} Its fingerprint is ${code(fingerprint)}.\n\n${fold('Public key', `\`\`\`\n${publicKey.trim()}\n\`\`\`\n`)}`;
}
