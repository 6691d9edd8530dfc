import { ReleaseError } from '../../model/errors.ts';
import type { Command, CommandResult, Exec } from '../../ports/exec.ts';
import { composeEnvironment } from './environment.ts';
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
  const path = await findTool(command.file, process.env.PATH);
  if (path === undefined)
    throw new ReleaseError('TOOL_MISSING', `a tool is not on PATH or cannot be executed: ${command.file}`);
  const { exec } = await import('@actions/exec');
  const { onLine } = command;
  const stdout = collect(STDOUT_KEPT, onLine, command.lineLimit);
  const stderr = collect(STDERR_KEPT, onLine, command.lineLimit);
  try {
    const work = () =>
      exec(quote(path), [...command.args], {
        silent: true,
        ignoreReturnCode: true,
        env: composeEnvironment(process.env, command.environment, command.env),
        listeners: { stdout: stdout.push, stderr: stderr.push },
        // Always given: it closes standard input, else a tool that reads it would wait for ever.
        input: Buffer.from(command.stdin ?? ''),
        ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
      });
    const code: unknown = await forgivingClosedInput(work);
    stdout.end();
    stderr.end();
    const exitCode = typeof code === 'number' ? code : KILLED;
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } catch (cause) {
    throw new ReleaseError('TOOL_MISSING', `a tool could not be started: ${path}`, { cause });
  }
}

let forgiving = 0;

function forgive(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' || error.syscall !== 'write') throw error;
}

/**
 * @actions/exec writes to a tool's standard input without listening for errors: one that ends before it has read
 * everything would end us with EPIPE. Its exit code tells what happened. One listener serves all tools that run.
 */
async function forgivingClosedInput<T>(work: () => Promise<T>): Promise<T> {
  if (forgiving === 0) process.on('uncaughtException', forgive);
  forgiving += 1;
  try {
    return await work();
  } finally {
    forgiving -= 1;
    if (forgiving === 0) process.off('uncaughtException', forgive);
  }
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
