import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { GitRepository } from '../../__tests__/helpers/git-repository.ts';
import { BUNDLE, parseFileCommands } from '../../__tests__/helpers/run-action.ts';

export type LiveRun = {
  readonly exitCode: number;
  readonly outputs: Readonly<Record<string, string>>;
  /** The job summary in Markdown, and where it stands. */
  readonly summary: string;
  readonly summaryPath: string;
  readonly seconds: number;
};

export type LiveOptions = {
  readonly repository: GitRepository;
  readonly sha: string;
  readonly tag: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** What the job has besides, such as the right to ask for a token. */
  readonly env: Readonly<Record<string, string>>;
  /** RUNNER_TEMP of this run, made here. */
  readonly temp: string;
  /** Tools that are downloaded once serve all runs. */
  readonly toolCache: string;
  /** Gets each line of the log as it comes. */
  readonly show: (line: string) => void;
};

/** What belongs to a runner that this process may itself run on; the demo's runs have their own. */
const OF_A_RUNNER = /^(?:GITHUB_|RUNNER_|ACTIONS_|INPUT_|STATE_)/;

/**
 * Runs `dist/index.js` as a runner does for a pushed tag, shows its log while it runs, and then runs the post step.
 * GITHUB_ACTIONS is not set, so that groups and annotations are plain lines.
 */
export async function runLive(options: LiveOptions): Promise<LiveRun> {
  const { repository, sha, tag, temp } = options;
  mkdirSync(temp, { recursive: true });
  const files = Object.fromEntries(
    ['OUTPUT', 'STATE', 'STEP_SUMMARY'].map((name) => [
      `GITHUB_${name}`,
      join(temp, `${name.toLowerCase()}.md`),
    ]),
  );
  for (const path of Object.values(files)) writeFileSync(path, '');
  const eventPath = join(temp, 'event.json');
  writeFileSync(eventPath, JSON.stringify(tagEvent(tag)));
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_A_RUNNER.test(name)));
  const env = {
    ...own,
    GITHUB_ACTOR: 'octocat',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_JOB: 'release',
    GITHUB_REF: `refs/tags/${tag}`,
    GITHUB_REF_NAME: tag,
    GITHUB_REPOSITORY: 'acme/modules',
    GITHUB_REPOSITORY_OWNER: 'acme',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_NUMBER: '1',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: sha,
    GITHUB_WORKFLOW: 'Release',
    GITHUB_WORKSPACE: repository.folder,
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: options.toolCache,
    ...options.env,
    ...files,
    ...Object.fromEntries(
      Object.entries(options.inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  };
  const read = (name: string): string => readFileSync(files[name] ?? '', 'utf8');

  const started = performance.now();
  const exitCode = await node('index.js', env, options);
  const seconds = (performance.now() - started) / 1000;
  const state = Object.entries(parseFileCommands(read('GITHUB_STATE')));
  const stateEnv = Object.fromEntries(state.map(([name, value]) => [`STATE_${name}`, value]));
  const post = await node('post/index.js', { ...env, ...stateEnv }, options);
  return {
    exitCode: exitCode === 0 ? post : exitCode,
    outputs: parseFileCommands(read('GITHUB_OUTPUT')),
    summary: read('GITHUB_STEP_SUMMARY'),
    summaryPath: files.GITHUB_STEP_SUMMARY ?? '',
    seconds,
  };
}

/** What GitHub says with a pushed tag, as far as a release reads it. */
function tagEvent(tag: string) {
  return {
    ref: `refs/tags/${tag}`,
    base_ref: null,
    repository: {
      default_branch: 'main',
      description: 'The container images of a small platform.',
      html_url: 'https://github.com/acme/modules',
      license: { spdx_id: 'Apache-2.0' },
      visibility: 'public',
    },
  };
}

/** A run that a signal ended has no exit code of its own: 1. */
async function node(
  script: string,
  env: Readonly<Record<string, string | undefined>>,
  { repository, show }: LiveOptions,
): Promise<number> {
  const child = spawn(process.execPath, [join(BUNDLE, script)], {
    cwd: repository.folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', show);
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done(code ?? 1));
  });
}
