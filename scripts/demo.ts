/**
 * `npm run demo [-- --keep]`: releases examples/modules from a git tag into a registry on loopback with the committed
 * bundle, as a runner would, and shows what a user sees. Ends with 0 only when everything happened as announced.
 */
import { parseArgs } from 'node:util';
import * as chapters from './demo/chapters.ts';
import { say } from './demo/screen.ts';
import { type Stage, setStage } from './demo/stage.ts';

const { keep } = parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values;
const stage = setStage();

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.on(signal, () => void stage.clear().finally(() => process.exit(code)));

try {
  await tell(stage);
} finally {
  if (!keep) await stage.clear();
}
process.exitCode = stage.checks.broken.length === 0 ? 0 : 1;
if (keep) say('The registry stays until you press Ctrl+C; then everything but the reports is removed.');

async function tell(stage: Stage): Promise<void> {
  const set = await chapters.introduce(stage);
  const plan = await chapters.plan(set);
  const release = await chapters.release(set);
  chapters.summary(release);
  chapters.whereToLook(set, release, keep);
  const again = await chapters.again(set);
  const refused = await chapters.refuse(set);
  await chapters.conclude(set, [
    { what: 'the plan', run: plan },
    { what: 'the release', run: release },
    { what: 'the same tag once more', run: again },
    { what: 'the refused release', run: refused },
  ]);
}
