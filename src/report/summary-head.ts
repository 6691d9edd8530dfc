import { stepDecision } from '../model/plan.ts';
import { formatReference } from '../model/reference.ts';
import type { Release, Status } from '../model/release.ts';
import { count } from './format.ts';
import { code, text } from './markdown.ts';
import { madeHere } from './summary-evidence.ts';

const MARKS: Readonly<Record<Status, string>> = {
  released: '✅',
  unchanged: '✅',
  gated: '🛡️',
  built: '📦',
  planned: '📋',
  attested: '✅',
  verified: '✅',
  promoted: '✅',
  'rolled-back': '⏪',
  failed: '❌',
};

const SHOWN_PROBLEMS = 50;
const LONGEST_MESSAGE = 1000;

/** The heading and one sentence: what is true now. */
export function headOf(release: Release): string {
  const { command, plan, status } = release;
  const subject = plan?.version?.raw ?? plan?.revision.slice(0, 12) ?? '';
  const isOwn = command === undefined || command === 'release' || command === 'plan';
  const shard = plan?.shard === undefined ? '' : ` (shard ${plan.shard})`;
  const name = isOwn || command === 'build' ? `${subject}${shard}` : command;
  return `## ${MARKS[status]} module-release${name === '' ? '' : ` ${text(name)}`}: ${status}\n\n${sentenceOf(release)}${leftWords(release)}`;
}

/** Modules whose version an earlier commit has released. */
function leftWords({ plan }: Release): string {
  const left = (plan?.released ?? []).map((ref) => code(formatReference(ref)));
  return left.length === 0 ? '' : `\n\nLeft as released from another commit: ${left.join(', ')}.`;
}

function sentenceOf(release: Release): string {
  const { plan, status, images } = release;
  const planned = plan?.images.length ?? 0;
  switch (status) {
    case 'released':
      return `${count(images.length, 'image')} passed the gate, ${images.length === 1 ? 'is' : 'are'} in the registry, and ${images.length === 1 ? 'has its' : 'have their'} tags.${publishedWords(release)}`;
    case 'unchanged':
      if (isOfChannels(release))
        return 'No record of a channel waits for a signature; nothing had to be changed.';
      if (isMove(release))
        return `The channel was there already, on ${count(images.length, 'image')}; nothing had to be changed.`;
      if (planned === 0) return 'Every version was released before, from another commit. Nothing was built.';
      return `${count(images.length, 'image')} of this commit ${images.length === 1 ? 'was' : 'were'} already in the registry, and passed today's gate again; nothing had to be changed.`;
    case 'gated':
      return `${count(planned, 'image')} passed the gate. Nothing was pushed: ${text(plan === undefined ? '' : stepDecision(plan, 'push').reason)}`;
    case 'built':
      return `${count(planned, 'image')} passed the gate and ${planned === 1 ? 'is' : 'are'} handed over to the release${images.length === 0 ? ', with all bytes: nothing has left for a registry' : ', by digest'}. No tag was touched.`;
    case 'planned':
      if (release.command === 'attest')
        return `This is what ${code('attest')} would look at. Nothing was signed and nothing was written.`;
      if (isMove(release))
        return `This is what ${code(release.command ?? '')} would do with ${count(planned, 'image')}. Nothing was moved.`;
      return `This is what a ${release.command === 'build' ? 'build' : 'release'} would do with ${count(planned, 'image')}. Nothing was built and nothing was written.`;
    case 'attested':
      if (isOfChannels(release))
        return `The records of ${count(release.promotions?.length ?? 0, 'channel')} are signed. No tag was touched.`;
      return `What could be said of ${count(images.length, 'image')} is signed, stored and read back: ${count(madeHere(release.attestations ?? []).length, 'new attestation')}. No tag was touched.`;
    case 'verified':
      return verifiedSentence(release);
    case 'promoted':
    case 'rolled-back':
      return movedSentence(release);
    case 'failed':
      return `${failedWhat(release)} failed with ${code(release.problems[0]?.code ?? 'INTERNAL')}. ${whereItStands(release)}`;
  }
}

function publishedWords({ published = [] }: Release): string {
  const [first] = published;
  if (first === undefined) return '';
  const isOver = published.every(({ outcome }) => outcome === 'published' || outcome === 'unchanged');
  const what = `${count(published.length, 'module')} ${published.length === 1 ? 'is' : 'are'}`;
  return ` ${what} ${isOver ? 'published at' : 'handed over to'} ${text(first.platform)}.`;
}

/** An `attest` that names no images signs the records of channels. */
function isOfChannels({ command, attestations }: Release): boolean {
  return command === 'attest' && attestations === undefined;
}

function isMove({ command }: Release): boolean {
  return command === 'promote' || command === 'rollback';
}

function verifiedSentence({ verification }: Release): string {
  const images = verification?.images ?? [];
  const isAsked = images.some(({ require }) => require.length > 0);
  if (!isAsked)
    return `**Nothing was proven**: ${code('require: none')} asks for no evidence of ${count(images.length, 'image')}.`;
  return `${count(images.length, 'image')} ${images.length === 1 ? 'carries' : 'carry'} the evidence that was asked for.`;
}

function movedSentence({ images, promotions = [] }: Release): string {
  const [move] = promotions;
  const where =
    move === undefined ? '' : `${code(move.channel)} is at ${text(move.version ?? 'what was named')}`;
  const proof =
    move?.evidence === 'unattested'
      ? ` **Nothing was proven**: ${code('require: none')} asks for no evidence.`
      : '';
  return `The channel ${where} on ${count(images.length, 'image')}; no byte of them was changed.${proof}`;
}

function failedWhat({ command }: Release): string {
  switch (command) {
    case 'verify':
      return 'The verification';
    case 'attest':
      return 'The attestation';
    case 'promote':
      return 'The promotion';
    case 'rollback':
      return 'The rollback';
    case 'build':
      return 'The build';
    default:
      return 'The release';
  }
}

function whereItStands({ command, plan, images, verdict }: Release): string {
  if (command === 'verify') return 'Do not use what is not proven.';
  if (command === 'attest') return 'No tag was touched. A re-run finishes what is missing.';
  if (command === 'promote' || command === 'rollback')
    return 'The section Problems says where the channel stands. A re-run continues from here.';
  const tags = images.flatMap((image) => image.tags).filter((tag) => tag.outcome !== 'kept').length;
  if (images.length > 0) {
    return `${images.length} of ${count(plan?.images.length ?? 0, 'image')} ${images.length === 1 ? 'is' : 'are'} in the registry by digest, and ${count(tags, 'tag')} of them ${tags === 1 ? 'points' : 'point'} there. A re-run continues from here.`;
  }
  return verdict?.passed === true ? 'No tag was set.' : 'Nothing left the runner.';
}

/** Every problem with its code, what it is, and what to do. */
export function problemsSection({ problems }: Release): string {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map(({ code: id, message, hint, at }) => {
    const place =
      at === undefined ? '' : ` (${code(at.line === undefined ? at.file : `${at.file}:${at.line}`)})`;
    return `- ${code(id)}: ${text(message, LONGEST_MESSAGE)}${place}<br>${text(hint, LONGEST_MESSAGE)}`;
  });
  const rest = problems.length - shown.length;
  const note = rest > 0 ? `\n\n${rest} more stand in the log and in release.json.` : '';
  return `${shown.join('\n')}${note}`;
}
