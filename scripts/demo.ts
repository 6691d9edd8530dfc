/**
 * `npm run demo [-- --keep]`: releases examples/modules from a git tag into a registry on loopback with the committed
 * bundle, as a runner would, and shows what a user sees. Ends with 0 only when everything happened as announced.
 */
import { parseArgs } from 'node:util';
import * as chapters from './demo/chapters.ts';
import type { LiveRun } from './demo/live.ts';
import { proof } from './demo/proof.ts';
import { publish } from './demo/publish.ts';
import { say } from './demo/screen.ts';
import { type SetStage, type Stage, setStage } from './demo/stage.ts';

const { keep } = parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values;
const stage = setStage();

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => void stage.clear().finally(() => process.exit(process.exitCode ?? code)));

try {
  await tell(stage);
} finally {
  if (!keep) await stage.clear();
}
process.exitCode = stage.checks.broken.length === 0 ? 0 : 1;
if (keep) say('The registry stays until you press Ctrl+C; then everything but the reports is removed.');

/** What comes after a broken promise would only be more of the same. */
async function tell(stage: Stage): Promise<void> {
  const set = await chapters.introduce(stage);
  const runs: chapters.Timed[] = [];
  for (const { what, chapter } of [
    { what: 'the plan', chapter: chapters.plan },
    { what: 'the release', chapter: released },
    { what: 'the same tag once more', chapter: chapters.again },
    { what: 'the refused release', chapter: chapters.refuse },
    { what: 'the published module', chapter: publish },
  ]) {
    runs.push({ what, run: await chapter(set) });
    if (set.checks.broken.length > 0) break;
  }
  await chapters.conclude(set, runs);
}

async function released(set: SetStage): Promise<LiveRun> {
  const run = await chapters.release(set);
  chapters.summary(run);
  if (set.checks.broken.length === 0) await proof(set, run, chapters.IMAGES);
  chapters.whereToLook(set, run, keep);
  return run;
}
