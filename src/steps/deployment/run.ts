import { randomUUID } from 'node:crypto';
import type { RunContext } from '../../model/context.ts';
import type { Deployment, DeploymentState } from '../../model/deployment.ts';
import { ReleaseError, toReleaseError } from '../../model/errors.ts';
import type { MovedTag, TagMove } from '../../model/promotion.ts';
import type { Ports } from '../../ports/index.ts';
import {
  type DeploymentAbout,
  isCommit,
  isMove,
  pageOf,
  requestOf,
  stateOf,
  statusWords,
} from './request.ts';

export type { DeploymentAbout } from './request.ts';

type DeploymentPorts = Pick<Ports, 'github' | 'clock' | 'log'>;

/** Milliseconds that a move waits for GitHub: before the first tag, and after the last. */
export type DeploymentTimes = { readonly beginMs: number; readonly endMs: number };

/** GitHub answers within a second. A rollback has a minute for everything. */
export const DEPLOYMENT_TIMES: DeploymentTimes = { beginMs: 2000, endMs: 8000 };

/** The record at GitHub of one move. Neither of both throws, and neither takes longer than its time. */
export type DeploymentRecord = {
  /** Makes the record and says that the move is in progress. What comes late is gone on with while the tags move. */
  begin(moves: readonly TagMove[]): Promise<void>;
  /** Says how it ended, also for a run that was killed before it could. Undefined where nothing was recorded. */
  end(tags: readonly MovedTag[]): Promise<Deployment | undefined>;
};

/** Nothing is asked of GitHub, where the channel has no environment. */
export const NO_DEPLOYMENT: DeploymentRecord = {
  begin: async () => undefined,
  end: async () => undefined,
};

/**
 * The deployment record of a move. It is evidence beside the channel's own record and never a gate: whatever GitHub does,
 * the tags move, and one warning says what is missing.
 */
export function recordDeployment(
  about: DeploymentAbout,
  { repository, serverUrl }: Pick<RunContext, 'repository' | 'serverUrl'>,
  ports: DeploymentPorts,
  { beginMs, endMs }: DeploymentTimes = DEPLOYMENT_TIMES,
): DeploymentRecord {
  const { github, clock, log } = ports;
  const { channel, environment, run } = about;
  const url = pageOf(serverUrl, repository, environment);
  let opening: Promise<Deployment> | undefined;
  let made: Deployment | undefined;
  const say = (id: number, state: DeploymentState, until: number): Promise<void> => {
    const status = { state, description: statusWords(state), logUrl: run };
    return github.setDeploymentStatus(repository, id, status, until);
  };
  const open = async (moves: readonly TagMove[]): Promise<Deployment> => {
    if (!isCommit(about.revision))
      throw new ReleaseError('GITHUB_REFUSED', 'what goes live names no commit', { hint: NO_COMMIT });
    const until = clock.elapsed() + beginMs + endMs;
    const id = await github.createDeployment(repository, requestOf(about, moves, randomUUID()), until);
    made = { id, environment, url, state: 'in_progress' };
    // That it did not take this one is no reason to keep the next one back.
    await say(id, 'in_progress', until).catch((error: unknown) => log.debug(toReleaseError(error).message));
    return made;
  };
  const close = async (opened: Deployment, state: 'success' | 'failure'): Promise<void> => {
    const until = clock.elapsed() + endMs;
    await say(opened.id, state, until);
    made = { ...opened, state };
    if (state === 'success') await github.retireDeployments(repository, opened, run, until);
  };
  const closeLeft = async (): Promise<void> => {
    const id = await github.unfinishedDeployment(repository, about, clock.elapsed() + endMs);
    if (id !== undefined) await close({ id, environment, url, state: 'in_progress' }, 'success');
  };
  return {
    async begin(moves) {
      if (!isMove(channel, moves)) return;
      opening = open(moves);
      await Promise.race([opening.catch(() => undefined), clock.sleep(beginMs)]);
    },
    async end(tags) {
      const state = stateOf(channel, tags);
      if (opening !== undefined) {
        const failure = await failureOf(
          opening.then((opened) => close(opened, state)),
          endMs,
          clock,
        );
        if (failure !== undefined) log.warning(warningOf(about, made?.id, failure));
        else log.info(`The move of the channel ${channel} is recorded at ${url}.`);
      } else if (state === 'success') {
        // The channel was there already: it may be by a run that was killed before it could tell.
        const failure = await failureOf(closeLeft(), endMs, clock);
        if (failure !== undefined) log.debug(failure.message);
      }
      return made;
    },
  };
}

const NO_COMMIT = 'GitHub records deployments of commits: release the images by this action.';

/** What went wrong; undefined: nothing, in time. */
async function failureOf(
  work: Promise<void>,
  milliseconds: number,
  clock: DeploymentPorts['clock'],
): Promise<ReleaseError | undefined> {
  const ended = work.then(
    () => undefined,
    (error: unknown) => toReleaseError(error),
  );
  const late = clock
    .sleep(milliseconds)
    .then(() => new ReleaseError('GITHUB_REFUSED', 'GitHub does not answer in time', { hint: NO_GATE }));
  return Promise.race([ended, late]);
}

const NO_GATE = 'The channel does not depend on it.';

function warningOf(
  { channel, environment }: DeploymentAbout,
  id: number | undefined,
  { message, hint }: ReleaseError,
): string {
  const what =
    id === undefined
      ? `GitHub has no deployment record of this move of the channel ${channel} to the environment ${environment}`
      : `The deployment ${id} of the channel ${channel} to the environment ${environment} is not complete at GitHub`;
  return `${what}: ${message}. ${hint}`;
}
