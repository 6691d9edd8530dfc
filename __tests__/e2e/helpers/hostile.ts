import { readdirSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { ActionRun } from '../../helpers/run-action.ts';
import { type RunnerCommand, readRunnerLog } from '../../helpers/runner-log.ts';

/** What shells, templates, Markdown, JSON, terminals and the runner could take for something else than text. */
export const HOSTILE: Readonly<Record<string, string>> = {
  substitution: '$(touch pwned)',
  backticks: '`touch pwned`',
  chain: "; touch pwned & touch pwned | touch pwned > pwned '",
  'shell variables': '$HOME ${HOME} $${HOME} %HOME%',
  'bake template': '${upper("pwned")} %{ if true }pwned%{ endif } $${x} %%{y}',
  quotes: `it's "quoted" \\"twice\\" and \\ escaped`,
  'two equal signs': 'a=b=c',
  'escaped command': '%0A::set-output name=status::pwned',
  'old command': '##[error]pwned',
  'null-like': '\\0 \\x00 %00 \u2400',
  markdown: '| cell | [x](javascript:pwned) <img src=x onerror=pwned> @acme/all #1 **b** ~~s~~',
  // Composed, as bake's own language keeps texts (NFC).
  unicode: 'ünïcödé 日本 🚀 \u202epwned',
  'flag-like': '--output=pwned',
  long: 'x'.repeat(10_000),
  'several lines': 'first\n::set-output name=status::pwned\n##[error]pwned\n  last',
};

const OURS = new Set(['group', 'endgroup', 'stop-commands', 'error', 'warning', 'add-mask']);

/** Nothing was run, written or told to the runner but by us. `folders` are those where a command would have left a trace. */
export function expectHarmless(run: ActionRun, folders: readonly string[]): void {
  for (const folder of [...folders, run.temp, process.cwd()])
    expect(readdirSync(folder)).not.toContain('pwned');
  expect(foreignCommands(run)).toEqual([]);
  expect(run.outputs.status).not.toBe('pwned');
}

/** Live commands that are not ours, by name or by what they would hide. */
export function foreignCommands({ log }: ActionRun): readonly RunnerCommand[] {
  const { commands, stopped } = readRunnerLog(log);
  expect(stopped).toBe(false);
  return commands.filter(
    ({ name, data, properties }) =>
      !OURS.has(name) ||
      (name === 'add-mask' && data.includes('pwned')) ||
      (name === 'error' && !/^[A-Z]+(?:_[A-Z]+)*$/.test(properties.title ?? '')),
  );
}
