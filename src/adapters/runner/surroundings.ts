import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** What the runner gives to a step, beside the facts of the run. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The payload of the event, as JSON. */
  readonly event?: string;
  /** The checkout: absolute. */
  readonly workspace: string;
  /** Whether anybody collects outputs or a summary. */
  readonly isCollected: boolean;
  /** For files that later steps may read; the same path in every step of a job. */
  readonly temp: string;
  readonly machine: {
    readonly os: string;
    readonly arch: string;
    readonly toolCache?: string;
    /** A self-hosted runner: what is left in the tool cache is there for the next job. */
    readonly stays: boolean;
  };
};

/** https://docs.github.com/en/actions/reference/workflows-and-actions/variables */
export function readSurroundings(): Surroundings {
  const { env, platform: os, arch } = process;
  const event = readIfThere(env.GITHUB_EVENT_PATH);
  const toolCache = env.RUNNER_TOOL_CACHE;
  return {
    env,
    workspace: env.GITHUB_WORKSPACE || process.cwd(),
    isCollected: Boolean(env.GITHUB_OUTPUT || env.GITHUB_STEP_SUMMARY),
    temp: env.RUNNER_TEMP || tmpdir(),
    machine: {
      os,
      arch,
      stays: env.RUNNER_ENVIRONMENT === 'self-hosted',
      ...(toolCache ? { toolCache } : {}),
    },
    ...(event === undefined ? {} : { event }),
  };
}

/** The text of a file, before any library is loaded; undefined when there is none. */
export function readIfThere(path: string | undefined): string | undefined {
  return path !== undefined && path !== '' && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
