import { spawn } from 'node:child_process';

/** One run of a tool, as both ways of running take it. */
export type ToolRun = {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
};

/**
 * Runs a tool that is fed on standard input, which is closed afterwards. @actions/exec cannot do that: it writes without
 * listening for errors, so that a tool which ends before it has read everything would end us with EPIPE. The exit code
 * tells what happened; undefined = ended by a signal. Rejects when the tool cannot be started.
 */
export function runFed(spec: ToolRun, stdin: string): Promise<number | undefined> {
  return new Promise((done, failed) => {
    const child = spawn(spec.path, spec.args, {
      env: spec.env,
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
    });
    child.stdout.on('data', spec.onStdout);
    child.stderr.on('data', spec.onStderr);
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.on('error', failed);
    child.on('close', (code) => done(code ?? undefined));
  });
}
