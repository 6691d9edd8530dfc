import type { Command, CommandResult, Exec } from '../../src/ports/exec.ts';

type Answer = Partial<CommandResult> & { readonly lines?: readonly string[] };
type Reply = Answer | Error | ((command: Command) => Answer | Error | Promise<Answer | Error>);

/** A scripted Exec. Rules are tried in order; a command that no rule knows fails the test by its argv. */
export type FakeExec = Exec & {
  readonly calls: readonly Command[];
  /** `argv` starts with these words (the tool first), or is matched as one line by the pattern. */
  on(argv: string | RegExp, reply: Reply): FakeExec;
  /** The calls as lines, for assertions. */
  lines(): readonly string[];
};

/** `tools`: what `which` finds, name → path. */
export function fakeExec(tools: Readonly<Record<string, string>> = {}): FakeExec {
  const calls: Command[] = [];
  const rules: { readonly argv: string | RegExp; readonly reply: Reply }[] = [];
  const fake: FakeExec = {
    calls,
    on(argv, reply) {
      rules.push({ argv, reply });
      return fake;
    },
    lines: () => calls.map(lineOf),
    which: async (file) => tools[file],
    async run(command) {
      calls.push(command);
      const line = lineOf(command);
      const rule = rules.find(({ argv }) =>
        typeof argv === 'string' ? `${line} `.startsWith(`${argv} `) : argv.test(line),
      );
      if (rule === undefined) throw new Error(`fake exec knows no answer for: ${line}`);
      const answer = typeof rule.reply === 'function' ? await rule.reply(command) : rule.reply;
      if (answer instanceof Error) throw answer;
      const { exitCode = 0, stdout = '', stderr = '' } = answer;
      const lines = answer.lines ?? `${stdout}\n${stderr}`.split('\n').filter((text) => text !== '');
      for (const text of lines) command.onLine?.(text);
      return { exitCode, stdout, stderr };
    },
  };
  return fake;
}

function lineOf(command: Command): string {
  return [command.file, ...command.args].join(' ');
}
