/** One command that the runner would obey. */
export type RunnerCommand = {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
};

/** Every command that today's runner knows; a line with another name stays a line. */
const KNOWN = new Set([
  'add-mask',
  'add-matcher',
  'add-path',
  'debug',
  'echo',
  'endgroup',
  'error',
  'group',
  'internal-set-repo-path',
  'notice',
  'remove-matcher',
  'save-state',
  'set-env',
  'set-output',
  'stop-commands',
  'warning',
]);

/**
 * Reads a log as the runner does: `::name key=value::data` at the start of a line, the old `##[name key=value]data`
 * anywhere in it, and nothing between `stop-commands` and its token.
 * https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs
 */
export function readRunnerLog(log: string) {
  const commands: RunnerCommand[] = [];
  const plain: string[] = [];
  let stop: string | undefined;
  for (const line of log.split(/\r\n|\n|\r/)) {
    const command = parseNew(line, stop) ?? parseOld(line, stop);
    if (stop !== undefined) {
      if (command?.name === stop) stop = undefined;
      else plain.push(line);
    } else if (command === undefined) plain.push(line);
    else {
      if (command.name === 'stop-commands') stop = command.data.toLowerCase();
      commands.push(command);
    }
  }
  return { commands, plain, stopped: stop !== undefined };
}

export type Annotation = {
  readonly level: string;
  readonly text: string;
  readonly title?: string;
  readonly file?: string;
  readonly line?: string;
};

/** The annotations of a log, in its order. */
export function annotationsOf(log: string): readonly Annotation[] {
  const levels = ['error', 'warning', 'notice'];
  return readRunnerLog(log)
    .commands.filter(({ name }) => levels.includes(name))
    .map(({ name, properties, data }) => ({ level: name, ...properties, text: data }));
}

function parseNew(line: string, stop: string | undefined): RunnerCommand | undefined {
  const match = /^\s*::([^:]*(?::(?!:)[^:]*)*)::(.*)$/s.exec(line);
  return match === null ? undefined : command(match[1] ?? '', match[2] ?? '', stop, ',');
}

function parseOld(line: string, stop: string | undefined): RunnerCommand | undefined {
  const match = /##\[([^\]]*)\](.*)$/s.exec(line);
  return match === null ? undefined : command(match[1] ?? '', match[2] ?? '', stop, ';');
}

function command(head: string, data: string, stop: string | undefined, between: string) {
  const [word = '', ...rest] = head.trim().split(' ');
  const name = word.toLowerCase();
  if (!KNOWN.has(name) && name !== stop) return undefined;
  const properties = rest
    .join(' ')
    .split(between)
    .flatMap((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [] : [[pair.slice(0, at).trim(), unescaped(pair.slice(at + 1))] as const];
    });
  return { name, properties: Object.fromEntries(properties), data: unescaped(data) };
}

function unescaped(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
