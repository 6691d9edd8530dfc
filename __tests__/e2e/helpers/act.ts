import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { freePort } from '../../../scripts/setup/free-port.mjs';
import { followLines } from '../../helpers/follow-lines.ts';
import type { ResultsEnv } from '../../helpers/results-service/results-service.ts';
import { ROOT } from '../../helpers/run-action.ts';
import { toolPath } from '../../helpers/tool-path.ts';
import { judge } from './judges.ts';

/** What act told of a run, in its order. */
export type ActRun = {
  readonly exitCode: number;
  /** What the steps printed, a line each. */
  readonly lines: readonly string[];
  /** Step id → output → value. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly summaries: readonly string[];
  /** `Post acme/module-release@v1: success`. */
  readonly results: readonly string[];
  /**
   * Jobs in the order of their ends, as act names them: `Release/build-1` is the first of a matrix. Jobs that were
   * skipped are not there; those of one matrix may be told to have failed when one of them did.
   */
  readonly jobs: readonly { readonly name: string; readonly result: string }[];
};

export type ActOptions = {
  readonly workspace: string;
  /** For all that act keeps: its cache service has what runs with the same root have stored. */
  readonly root: string;
  readonly vars?: Readonly<Record<string, string>>;
  /** The one workflow that is run, such as `.github/workflows/promote.yml`; without it all that the event starts. */
  readonly workflow?: string;
  /** Inputs of a start by hand; without them it is a push. */
  readonly byHand?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** What a hosted runner gives to steps and act does not: the way to an identity token. */
  readonly env?: Readonly<Record<string, string>>;
  /** The service of artifacts; without it there is act's own, which refuses today's clients. One for all attempts of a run. */
  readonly artifacts?: ResultsEnv;
  /** Only these jobs of matrices are run, and what needs them: as "re-run failed jobs" does. */
  readonly matrix?: Readonly<Record<string, string>>;
};

/** What stands for this clone: the action as the tests name it, and as the reusable workflows and their callers do. */
const OURS = ['acme/module-release@v1', 'org/module-release@v1', 'org/module-release@v1.0.0'];

/** Labels of runners that this machine plays. */
const RUNNERS = ['ubuntu-latest', 'ubuntu-24.04-arm'];

/** A line of `act --json`; workflow commands are told by name. */
type Entry = {
  readonly msg?: string;
  readonly raw_output?: boolean;
  readonly command?: string;
  readonly name?: string;
  readonly arg?: string;
  readonly content?: string;
  readonly stage?: string;
  readonly step?: string;
  readonly stepID?: readonly string[];
  readonly stepResult?: string;
  readonly job?: string;
  readonly jobResult?: string;
};

/**
 * Runs the workflows of a checkout for a push to github.com/acme/modules, or a start by hand, with `acme/module-release@v1` from this clone.
 * act is the nearest thing to the hosted runner that needs no network. https://nektosact.com/usage/index.html
 */
export async function runAct(options: ActOptions): Promise<ActRun> {
  const { workspace, root, workflow, vars = {}, byHand, secrets = {}, env = {} } = options;
  const action = join(root, 'action');
  if (!existsSync(action)) {
    mkdirSync(action);
    cpSync(join(ROOT, 'action.yml'), join(action, 'action.yml'));
    cpSync(join(ROOT, '.github/workflows'), join(action, '.github/workflows'), { recursive: true });
    cpSync(process.env.MR_DIST ?? join(ROOT, 'dist'), join(action, 'dist'), { recursive: true });
  }
  await judge('git', '-C', workspace, 'config', 'remote.origin.url', 'https://github.com/acme/modules.git');
  const args = [
    byHand === undefined ? 'push' : 'workflow_dispatch',
    '--json',
    ...(workflow === undefined ? [] : [`--workflows=${workflow}`]),
    ...RUNNERS.map((label) => `--platform=${label}=-self-hosted`),
    ...OURS.map((name) => `--local-repository=${name}=${action}`),
    `--action-cache-path=${mkdtempSync(join(root, 'act-'))}`,
    `--cache-server-path=${join(root, 'act-cache-server')}`,
    '--cache-server-addr=127.0.0.1',
    // With it actions get a token of the runner, without which buildx leaves `type=gha` out.
    `--artifact-server-path=${join(root, 'artifacts')}`,
    '--artifact-server-addr=127.0.0.1',
    `--artifact-server-port=${await freePort()}`,
    ...Object.entries({ ACT_ROOT: root, ...vars }).map(([name, value]) => `--var=${name}=${value}`),
    ...Object.entries(byHand ?? {}).map(([name, value]) => `--input=${name}=${value}`),
    ...Object.entries(env).map(([name, value]) => `--env=${name}=${value}`),
    ...Object.entries(options.matrix ?? {}).map(([name, value]) => `--matrix=${name}:${value}`),
    // Without a value it is taken from the environment.
    ...Object.keys(secrets).map((name) => `--secret=${name}`),
  ];
  const { exitCode, entries } = await act(args, workspace, root, { ...options.artifacts, ...secrets });
  return {
    exitCode,
    lines: entries
      .filter(({ raw_output }) => raw_output)
      .flatMap(({ msg = '' }) => msg.trimEnd().split('\n')),
    outputs: outputsOf(entries),
    summaries: entries.flatMap(({ command, content }) => (command === 'summary' ? (content ?? '') : [])),
    results: entries.flatMap(({ stage, step, stepResult }) =>
      stepResult === undefined ? [] : [`${stage ?? ''} ${step ?? ''}: ${stepResult}`.trim()],
    ),
    jobs: entries.flatMap(({ job = '', jobResult }) =>
      jobResult === undefined ? [] : [{ name: job, result: jobResult }],
    ),
  };
}

function outputsOf(entries: readonly Entry[]): ActRun['outputs'] {
  const outputs: Record<string, Record<string, string>> = {};
  for (const { command, name, arg = '', stepID = [] } of entries) {
    const [step] = stepID;
    if (command !== 'set-output' || name === undefined || step === undefined) continue;
    outputs[step] = { ...outputs[step], [name]: arg };
  }
  return outputs;
}

async function act(
  args: readonly string[],
  cwd: string,
  root: string,
  given: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number; readonly entries: readonly Entry[] }> {
  const { HOME, PATH, DOCKER_HOST } = process.env;
  const env = {
    // Secrets, and the service of artifacts, which act passes on from its own environment.
    ...given,
    HOME,
    DOCKER_HOST,
    XDG_CONFIG_HOME: root,
    // Actions run on the Node that is found first.
    PATH: [dirname(process.execPath), PATH].join(delimiter),
  };
  const child = spawn(toolPath('act'), args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  // Each by itself: what comes of one may end in the middle of a line, and the other goes on meanwhile.
  for (const stream of [child.stdout, child.stderr]) followLines(stream, (line) => lines.push(line));
  const exitCode = await new Promise<number>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done(code ?? -1));
  });
  return { exitCode, entries: lines.flatMap(entryOf) };
}

function entryOf(line: string): readonly Entry[] {
  try {
    return [JSON.parse(line)];
  } catch {
    // Not everything is JSON.
    return [{ msg: line, raw_output: true }];
  }
}
