import { join } from 'node:path';
import { createArtifacts } from './adapters/artifacts/artifacts.ts';
import { createCache } from './adapters/cache/actions-cache.ts';
import { createClock } from './adapters/clock/system-clock.ts';
import { createDownload } from './adapters/download/https-download.ts';
import { endChildren } from './adapters/exec/kill-children.ts';
import { createExec } from './adapters/exec/runner.ts';
import { REPORTS } from './adapters/files/leftovers.ts';
import { createFiles } from './adapters/files/local.ts';
import { createGitHub } from './adapters/github/github.ts';
import { createHttp } from './adapters/http/http.ts';
import { createLicenses } from './adapters/licenses/spdx.ts';
import { createOidc } from './adapters/oidc/oidc.ts';
import { createPublishApi } from './adapters/publish/publish-api.ts';
import { createRegistry } from './adapters/registry/index.ts';
import { writeOutputs } from './adapters/runner/outputs.ts';
import { createQuietly } from './adapters/runner/quiet-library.ts';
import { createState } from './adapters/runner/state.ts';
import type { Surroundings } from './adapters/runner/surroundings.ts';
import { createSigstore } from './adapters/sigstore/sigstore.ts';
import { RECORD, type Reports } from './conclude.ts';
import type { RunContext } from './model/context.ts';
import { ReleaseError } from './model/errors.ts';
import type { Inputs } from './model/inputs.ts';
import type { Release } from './model/release.ts';
import { attestChannels } from './pipeline/attest-channels.ts';
import { attestSubjects } from './pipeline/attest-subjects.ts';
import { build } from './pipeline/build.ts';
import { Progress } from './pipeline/progress.ts';
import { promoteChannel } from './pipeline/promote.ts';
import { release } from './pipeline/release.ts';
import { rollbackChannel } from './pipeline/rollback.ts';
import type { Start } from './pipeline/start.ts';
import { verify } from './pipeline/verify.ts';
import type { Ports } from './ports/index.ts';
import type { Log } from './ports/log.ts';
import { planText } from './report/plan-text.ts';
import { recordText } from './report/record.ts';
import { redactRelease } from './report/redact.ts';
import { verifyText } from './report/verify-text.ts';

type Door = {
  readonly inputs: Inputs;
  readonly context: RunContext;
  readonly around: Surroundings;
  readonly log: Log;
  readonly redact: (text: string) => string;
};

/** `error`: what stopped the run, for its causes; its problems are in the release. */
type Outcome = { readonly release: Release; readonly reports: Reports; readonly error?: unknown };

/** Opens the windows and walks the command's pipeline. Never throws: what went wrong is in the outcome. */
export async function run({ inputs, context, around, log, redact }: Door): Promise<Outcome> {
  const ports = openPorts({ inputs, context, around, log });
  const folder = await ports.files.makeTempFolder(REPORTS);
  const write = (name: string, text: string) => ports.files.write(join(folder, name), text);
  const progress = new Progress(ports);
  const saveRecord = async (): Promise<void> => {
    await write(RECORD, recordText(redactRelease(progress.release, redact)));
    if (around.isCollected) await writeOutputs({ record: join(folder, RECORD) }, { log });
  };
  const start: Start = {
    inputs,
    context,
    reports: folder,
    saveRecord,
    machine: around.machine,
    databases: join(around.temp, 'module-release-trivy-db'),
    parseYaml: await yamlParser(inputs),
    announce: (plan) => {
      for (const line of planText(plan)) log.info(line);
    },
    showChecks: (report) => {
      const printer = log.foreign();
      for (const line of verifyText(report)) printer.line(line);
      printer.end();
    },
  };
  progress.note({ command: inputs.command });
  let stopped: { readonly error?: unknown } = {};
  const cancellation = watchCancellation(progress);
  try {
    await Promise.race([walk(start, progress, ports), cancellation.cancelled]);
  } catch (error) {
    progress.fail(error);
    stopped = { error };
  }
  await cancellation.toolsEnded();
  progress.report();
  return { release: progress.release, reports: { folder, write }, ...stopped };
}

function walk(start: Start, progress: Progress, ports: Ports): Promise<void> {
  switch (start.inputs.command) {
    case 'release':
    case 'plan':
      return release(start, progress, ports);
    case 'build':
      return build(start, progress, ports);
    case 'attest':
      return namesImages(start.inputs)
        ? attestSubjects(start, progress, ports)
        : attestChannels(start, progress, ports);
    case 'verify':
      return verify(start, progress, ports);
    case 'promote':
      return promoteChannel(start, progress, ports);
    case 'rollback':
      return rollbackChannel(start, progress, ports);
  }
}

function namesImages({ attest, verify }: Inputs): boolean {
  return attest.record !== undefined || verify.subjects.length > 0;
}

/** The library costs start-up, so it is loaded only when there is a file to read. */
async function yamlParser({ gate }: Inputs): Promise<Start['parseYaml']> {
  if (gate.waivers === undefined) return () => undefined;
  const { parse } = await import('yaml');
  return (text) => parse(text);
}

/** A platform that looks into an image before it answers takes its time. */
const PLATFORM_MS = 60_000;

/** The Docker config lies where these say. */
function withoutLogins(env: Surroundings['env']): Surroundings['env'] {
  const { HOME: _home, DOCKER_CONFIG: _config, ...rest } = env;
  return rest;
}

function openPorts({ inputs, context, around, log }: Omit<Door, 'redact'>): Ports {
  const clock = createClock();
  const quietly = createQuietly(log);
  const exec = createExec();
  const state = createState();
  const files = createFiles(state);
  const http = createHttp({ clock, log, env: around.env });
  const oidc = createOidc({ env: around.env, clock, http, log });
  const { login, tools } = inputs;
  const token = tools.offline ? undefined : inputs.githubToken;
  return {
    clock,
    exec,
    files,
    licenses: createLicenses(),
    log,
    state,
    artifacts: createArtifacts({ env: around.env, log, quietly, clock }),
    cache: createCache(log, quietly),
    download: createDownload({ clock, env: around.env }),
    github: createGitHub({
      apiUrl: context.apiUrl,
      serverUrl: context.serverUrl,
      http,
      log,
      ...(token === undefined ? {} : { token }),
    }),
    oidc,
    sigstore: createSigstore({ clock, log, http, oidc, tufCache: join(around.temp, 'module-release-tuf') }),
    publishApi: createPublishApi(inputs.publish, {
      http: createHttp({ clock, log, env: around.env, idleMs: PLATFORM_MS }),
      apiUrl: context.apiUrl,
    }),
    registry: createRegistry({ ...login, clock, exec, files, log }),
    anonymousRegistry: createRegistry({
      ...login,
      credentials: [],
      env: withoutLogins(around.env),
      clock,
      exec,
      files,
      log,
    }),
  };
}

/** Of the 7.5 seconds that the runner leaves us; the rest is for the report. */
const TOOLS_END_MS = 3000;

/**
 * `cancelled` rejects when the runner cancels the job, at once, so that no tool's own end is taken for the reason. The
 * tools are asked to end at the same moment; `toolsEnded` waits for them.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
 */
function watchCancellation(progress: Progress) {
  let ending: Promise<void> | undefined;
  const cancelled = new Promise<never>((_, cancel) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        ending ??= endChildren(TOOLS_END_MS);
        const reason = new ReleaseError('CANCELLED', `the run was cancelled: ${signal}`);
        progress.cancel(reason);
        cancel(reason);
      });
    }
  });
  return { cancelled, toolsEnded: async () => ending };
}
