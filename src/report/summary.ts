import type { Release } from '../model/release.ts';
import { handoffSection, jobsSection } from './jobs.ts';
import { section } from './markdown.ts';
import { modulesSection } from './modules.ts';
import { channelsSection } from './summary-channels.ts';
import { commandsSection, evidenceSection } from './summary-evidence.ts';
import { findingsSection, waiversSection } from './summary-gate.ts';
import { headOf, problemsSection } from './summary-head.ts';
import { imagesSection, pullSection, tagsSection } from './summary-images.ts';
import { planSection, stepsSection, toolsSection } from './summary-plan.ts';
import { publishSection } from './summary-publish.ts';
import { ganttSection } from './summary-times.ts';
import { verificationSection } from './summary-verify.ts';

/**
 * The runner drops a step's summary whole when it is larger than 1 MiB, so we stay clearly below it.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits
 */
export const SUMMARY_LIMIT = 1_000_000;

type Part = { readonly title: string; readonly body: string };

/** The job summary in Markdown, from the release alone. What does not fit is named, with the place where it stands. */
export function summaryOf(release: Release): string {
  const parts: readonly Part[] = [
    { title: 'Problems', body: problemsSection(release) },
    { title: 'Channels', body: channelsSection(release) },
    { title: 'Images', body: imagesSection(release) },
    { title: 'Handed over', body: handoffSection(release) },
    { title: 'Modules', body: modulesSection(release) },
    { title: 'Findings', body: findingsSection(release) },
    { title: 'Waivers', body: waiversSection(release) },
    { title: 'Evidence', body: evidenceSection(release) },
    { title: 'Verification', body: verificationSection(release.verification) },
    { title: 'Pull', body: pullSection(release) },
    { title: 'Verify', body: commandsSection(release) },
    { title: 'Tags', body: tagsSection(release) },
    { title: 'Publish', body: publishSection(release) },
    { title: 'Plan', body: planSection(release) },
    { title: 'Jobs', body: jobsSection(release) },
    { title: 'Steps', body: stepsSection(release) },
    { title: 'Timings', body: ganttSection(release) },
    { title: 'Tools', body: toolsSection(release) },
  ];
  return bounded([headOf(release), ...parts.map(({ title, body }) => section(title, body))]);
}

function bounded(parts: readonly string[]): string {
  const kept: string[] = [];
  let bytes = 0;
  let dropped = 0;
  for (const part of parts.filter((each) => each !== '')) {
    const size = Buffer.byteLength(part) + 2;
    if (bytes + size > SUMMARY_LIMIT - 1000) {
      dropped += 1;
      continue;
    }
    bytes += size;
    kept.push(part.trimEnd());
  }
  if (dropped > 0)
    kept.push(
      `A summary has at most 1 MiB, so ${dropped} of its sections are left out; release.json has them.`,
    );
  return `${kept.join('\n\n')}\n`;
}
