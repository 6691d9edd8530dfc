import { totalmem } from 'node:os';
import { ReleaseError } from '../../model/errors.ts';
import type { Command, CommandResult, Exec } from '../../ports/exec.ts';
import { briefGo, composeEnvironment } from './environment.ts';
import { runFed, type ToolRun } from './fed.ts';
import { splitLines } from './lines.ts';
import { keepTail } from './tail.ts';
import { findTool } from './which.ts';

const STDOUT_KEPT = 16 * 1024 * 1024;
const STDERR_KEPT = 64 * 1024;
const LINE_LIMIT = 16 * 1024;
/** What a shell reports for a process ended by SIGKILL; `@actions/exec` tells us only that a signal ended it. */
const KILLED = 137;

/** Exec over @actions/exec, which is loaded with the first command: it costs start-up. */
export function createExec(): Exec {
  return { run, which: (file) => findTool(file, process.env.PATH) };
}

async function run(command: Command): Promise<CommandResult> {
  const { path, args } = await locate(command);
  const { onLine, stdin } = command;
  const stdout = collect(STDOUT_KEPT, onLine, command.lineLimit);
  const stderr = collect(STDERR_KEPT, onLine, command.lineLimit);
  const spec: ToolRun = {
    path,
    args,
    env: composeEnvironment(process.env, command.environment, {
      ...briefGo(process.env, totalmem()),
      ...command.env,
    }),
    onStdout: stdout.push,
    onStderr: stderr.push,
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
  };
  try {
    const code = await (stdin === undefined ? runByToolkit(spec) : runFed(spec, stdin));
    stdout.end();
    stderr.end();
    return { exitCode: code ?? KILLED, stdout: stdout.text(), stderr: stderr.text() };
  } catch (cause) {
    throw new ReleaseError('TOOL_MISSING', `a tool could not be started: ${path}`, { cause });
  }
}

/** What is really started: `docker buildx` is a program of its own. */
async function locate({ file, args }: Command): Promise<Pick<ToolRun, 'path' | 'args'>> {
  const path = await findTool(file, process.env.PATH);
  if (path === undefined)
    throw new ReleaseError('TOOL_MISSING', `a tool is not on PATH or cannot be executed: ${file}`);
  const [first, ...others] = args;
  if (file !== 'docker' || first !== 'buildx') return { path, args };
  // The post step mostly has nothing to do with it, and should not load it.
  const { findDockerPlugin } = await import('./docker-plugin.ts');
  const plugin = await findDockerPlugin(first, path, process.env);
  return plugin === undefined ? { path, args } : { path: plugin, args: others };
}

async function runByToolkit(spec: ToolRun): Promise<number | undefined> {
  const { exec } = await import('@actions/exec');
  const code: unknown = await exec(quote(spec.path), [...spec.args], {
    silent: true,
    ignoreReturnCode: true,
    env: { ...spec.env },
    listeners: { stdout: spec.onStdout, stderr: spec.onStderr },
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  });
  return typeof code === 'number' ? code : undefined;
}

function collect(kept: number, onLine: Command['onLine'], lineLimit = LINE_LIMIT) {
  const tail = keepTail(kept);
  const lines = onLine === undefined ? undefined : splitLines(onLine, lineLimit);
  return {
    text: tail.text,
    end: () => lines?.end(),
    push: (chunk: Uint8Array): void => {
      tail.push(chunk);
      lines?.push(chunk);
    },
  };
}

/** @actions/exec takes the tool as the first word of a command line. */
function quote(path: string): string {
  return `"${path.replaceAll('"', '\\"')}"`;
}
