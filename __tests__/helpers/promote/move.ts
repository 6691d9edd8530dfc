import type { Promotion, PromotionKind } from '../../../src/model/promotion.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Registry } from '../../../src/ports/registry.ts';
import { type ClaimTimes, channelHome, openChannel, promote } from '../../../src/steps/promote/run.ts';
import { fakeLog } from '../fake-log.ts';
import { type ImageSet, itemsOf } from './images.ts';

export type Move = {
  readonly set: ImageSet;
  readonly version: string;
  readonly kind?: PromotionKind;
  /** For a rollback: the serial of the entry that comes back. */
  readonly target?: number;
  readonly run: { readonly id: string; readonly attempt: number };
  readonly aliases?: readonly string[];
  /** Versions whose digests count as verified; default: all. */
  readonly trusted?: readonly string[];
  readonly times?: ClaimTimes;
};

export const QUICK_TIMES: ClaimTimes = { settleMs: 1, lifeMs: 60_000 };
export const CHANNEL = 'prod';

/** Opens the channel and moves it, as the commands do. */
export async function moveChannel(
  move: Move,
  registry: Registry,
  clock: Clock = shortClock(),
): Promise<Promotion> {
  const { set, version, kind = 'promote', run: own, trusted, times = QUICK_TIMES, target } = move;
  const run = { ...own, url: `https://github.com/acme/app/actions/runs/${own.id}` };
  const ports = { registry, clock, log: fakeLog() };
  const home = homeOf(set);
  const good = trusted?.flatMap((each) => itemsOf(set, each).map(({ digest }) => digest));
  const base = await openChannel(
    {
      channel: CHANNEL,
      home,
      run,
      actor: 'octocat',
      prefer: kind === 'rollback' ? 'restore' : 'finish',
      isTrusted: async ({ digest }) => good?.includes(digest) ?? true,
      isHome: ({ path }) => path.startsWith(`${set.prefix}/app-`),
      isProven: async () => true,
      abandon: kind === 'rollback',
    },
    ports,
    times,
  );
  return promote(
    {
      channel: CHANNEL,
      kind,
      base,
      isBaseProven: true,
      tags: [
        { tag: CHANNEL, rule: 'channel' },
        ...(move.aliases ?? []).map((tag) => ({ tag, rule: 'alias' as const })),
      ],
      items: itemsOf(set, version),
      artifacts: [],
      version,
      immutableTag: version,
      revision: 'a'.repeat(40),
      evidence: 'attested',
      actor: 'octocat',
      run,
      ...(target === undefined ? {} : { target }),
      history: 50,
      signature: 'unsigned',
      time: new Date('2026-11-21T20:46:07.123Z'),
    },
    ports,
    { times },
  );
}

export function homeOf({ host, prefix }: ImageSet) {
  return channelHome(CHANNEL, { registry: host, path: `${prefix}/app-1` });
}

/** A clock whose time passes by what is slept, and only while `passes`: nothing expires because a machine is slow. */
export function steppedClock(passes: () => boolean): Clock {
  const { sleep } = shortClock();
  const start = Date.now();
  let slept = 0;
  return {
    now: () => new Date(start + slept),
    elapsed: () => slept,
    async sleep(milliseconds) {
      await sleep(milliseconds);
      if (passes()) slept += milliseconds;
    },
  };
}

/** Waits, and never long. */
export function shortClock(most = 2): Clock {
  return {
    now: () => new Date(),
    elapsed: () => performance.now(),
    sleep: (milliseconds) => new Promise((done) => setTimeout(done, Math.min(most, milliseconds))),
  };
}
