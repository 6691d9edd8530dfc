import { spawn } from 'node:child_process';

export type Run = { readonly exitCode: number; readonly output: string; readonly milliseconds: number };

/** Runs a program and measures it; its output is only kept. Never throws. */
export function measure(
  file: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<Run> {
  return new Promise((resolve) => {
    const started = performance.now();
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ exitCode: 127, output: error.message, milliseconds: 0 }));
    child.on('close', (code) =>
      resolve({ exitCode: code ?? 1, output, milliseconds: performance.now() - started }),
    );
  });
}

/** As `measure`; a program that fails ends the benchmark, with what it said. */
export async function checked(...command: Parameters<typeof measure>): Promise<Run> {
  const result = await measure(...command);
  if (result.exitCode === 0) return result;
  const [file, args] = command;
  throw new Error(`exit ${result.exitCode} of ${[file, ...args].join(' ')}\n${result.output.slice(-3000)}`);
}

/** As `checked`, for its milliseconds alone. */
export async function must(...command: Parameters<typeof measure>): Promise<number> {
  return (await checked(...command)).milliseconds;
}
