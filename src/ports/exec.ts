export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /**
   * `full`: the runner's environment without our own inputs and state (bake files read variables from it).
   * `minimal`: PATH, HOME, locale, proxies and certificates only; for scanners, which must see no secret.
   */
  readonly environment: 'full' | 'minimal';
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to the tool, and then closed; empty text closes at once. Without it the tool must not wait for any. */
  readonly stdin?: string;
  /** Called for each line of both streams while the tool runs, without its line end. */
  readonly onLine?: (line: string) => void;
  /** Longer lines are cut for `onLine`: characters; 16 KiB unless told (machine-readable lines need more). */
  readonly lineLimit?: number;
};

/** Text of both streams; of very long ones the last 16 MiB of stdout and 64 KiB of stderr. */
export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Runs tools: argv as an array, never a shell. A tool that cannot be started is TOOL_MISSING; exit codes are the caller's. */
export interface Exec {
  run(command: Command): Promise<CommandResult>;
  /** The full path of a tool on PATH. */
  which(file: string): Promise<string | undefined>;
}
