import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { followLines } from './follow-lines.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
/** The committed bundle, unless a developer tries another one. */
export const BUNDLE = process.env.MR_DIST ?? join(ROOT, 'dist');
const TOOLS_HOME = ['HOME', 'PATH', 'DOCKER_HOST', 'DOCKER_CONFIG', 'XDG_CACHE_HOME'] as const;

export type RunOptions = {
  readonly workspace: string;
  readonly sha: string;
  /** `refs/tags/v1.2.3` and the like. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly eventName?: string;
  readonly event?: unknown;
  readonly repository?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Kept over runs to play "the same machine"; a fresh one otherwise. */
  readonly temp?: string;
  /** Called with each line of the log; `kill` sends a signal to the action. */
  readonly onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void;
  /** Looks at the machine between the main step and the post step; gets the runner's temporary folder. */
  readonly beforePost?: (temp: string) => void;
  /** Leaves the post step out: a machine that went away. */
  readonly withoutPost?: boolean;
};

export type ActionRun = {
  readonly exitCode: number;
  readonly signal: NodeJS.Signals | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly post?: { readonly exitCode: number; readonly log: string };
  /** What the runner was left with. */
  readonly temp: string;
};

/** Runs the committed bundle as a runner does: environment and files in, exit code, log and files out; then the post step. */
export async function runAction(options: RunOptions): Promise<ActionRun> {
  const temp = options.temp ?? mkdtempSync(join(tmpdir(), 'mr-runner-'));
  const files = Object.fromEntries(
    ['OUTPUT', 'STATE', 'STEP_SUMMARY', 'ENV', 'PATH'].map((name) => [
      `GITHUB_${name}`,
      join(temp, `${name}.file`),
    ]),
  );
  for (const path of Object.values(files)) writeFileSync(path, '');
  const eventPath = join(temp, 'event.json');
  writeFileSync(eventPath, JSON.stringify(options.event ?? {}));
  const repository = options.repository ?? 'Acme/Modules';
  const env = {
    ...Object.fromEntries(
      TOOLS_HOME.map((name) => [name, process.env[name]]).filter(([, v]) => v !== undefined),
    ),
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'http://127.0.0.1:9',
    GITHUB_EVENT_NAME: options.eventName ?? 'push',
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_JOB: 'release',
    GITHUB_REF: options.ref,
    GITHUB_REF_NAME: options.ref.replace(/^refs\/(heads|tags)\//, ''),
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_OWNER: repository.split('/')[0] ?? '',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '4242',
    GITHUB_RUN_NUMBER: '7',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: options.sha,
    GITHUB_WORKFLOW: 'Release',
    GITHUB_WORKSPACE: options.workspace,
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: join(temp, 'tool-cache'),
    ...files,
    ...Object.fromEntries(Object.entries(options.inputs).map(([k, v]) => [`INPUT_${k.toUpperCase()}`, v])),
    ...options.env,
  };
  const main = await node('index.js', env, options.workspace, options.onLine);
  options.beforePost?.(temp);
  const state = parseFileCommands(readFileSync(files.GITHUB_STATE!, 'utf8'));
  const stateEnv = Object.fromEntries(Object.entries(state).map(([k, v]) => [`STATE_${k}`, v]));
  const post = options.withoutPost
    ? undefined
    : await node('post/index.js', { ...env, ...stateEnv }, options.workspace);
  return {
    ...main,
    outputs: parseFileCommands(readFileSync(files.GITHUB_OUTPUT!, 'utf8')),
    summary: existsSync(files.GITHUB_STEP_SUMMARY!) ? readFileSync(files.GITHUB_STEP_SUMMARY!, 'utf8') : '',
    temp,
    ...(post === undefined ? {} : { post }),
  };
}

async function node(
  script: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  onLine?: RunOptions['onLine'],
): Promise<{ readonly exitCode: number; readonly signal: NodeJS.Signals | null; readonly log: string }> {
  const child = spawn(process.execPath, [join(BUNDLE, script)], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    followLines(stream, (line) => onLine?.(line, (signal) => child.kill(signal)));
    stream.on('data', (chunk: string) => {
      log += chunk;
    });
  }
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, by) => done([code, by]));
  });
  return { exitCode: exitCode ?? -1, signal, log };
}

/** `name=value` and `name<<DELIMITER` blocks, as the runner reads them. */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i] ?? '';
    const block = /^([^=]+?)<<(.+)$/.exec(line);
    if (block?.[1] !== undefined && block[2] !== undefined) {
      const end = lines.indexOf(block[2], i + 1);
      if (end < 0) throw new Error(`unclosed block of ${block[1]}`);
      values[block[1]] = lines.slice(i + 1, end).join('\n');
      i = end;
    } else if (line.includes('=')) {
      values[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
    }
  }
  return values;
}
