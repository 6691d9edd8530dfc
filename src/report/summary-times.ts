import type { Release, StepResult } from '../model/release.ts';
import { formatDuration } from './format.ts';

/** Tags of mermaid's tasks, which give their colors. */
const TAGS: Readonly<Record<StepResult['status'], string>> = {
  done: 'done',
  simulated: 'active',
  failed: 'crit',
  skipped: '',
};

/**
 * The steps over time. The axis shows local time of day, so the run is drawn from midnight of a day without a change of
 * the clocks: minutes and seconds are then right in every time zone. https://mermaid.js.org/syntax/gantt.html
 */
export function ganttSection({ steps }: Release): string {
  const tasks = steps.filter(({ status }) => status !== 'skipped').map(taskLine);
  if (tasks.length === 0) return '';
  const lines = [
    'gantt',
    '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    '  axisFormat %H:%M:%S',
    '  todayMarker off',
    '  section Steps',
    ...tasks,
  ];
  return `\`\`\`mermaid\n${lines.join('\n')}\n\`\`\`\n`;
}

function taskLine({ id, status, startedMs, durationMs }: StepResult): string {
  const tag = TAGS[status] === '' ? '' : `${TAGS[status]}, `;
  const length = Math.max(1, Math.round(durationMs));
  return `  ${id} (${formatDuration(durationMs)}) :${tag}${id}, ${fromMidnight(startedMs)}, ${length}ms`;
}

function fromMidnight(milliseconds: number): string {
  const time = new Date(Date.UTC(2000, 0, 1) + Math.max(0, Math.round(milliseconds)));
  return time.toISOString().slice(0, -1).replace('T', ' ');
}
