import type { HandedSet } from '../model/handoff.ts';
import type { Plan } from '../model/plan.ts';
import type { GatePolicy } from '../model/scan.ts';
import type { Ports } from '../ports/index.ts';
import type { RegistryState } from '../steps/preflight/run.ts';
import { adoptProven } from './adopt-proven.ts';
import { type HandedInspection, readHanded, withHanded } from './handed.ts';
import { takeHandoffs } from './handoff-read.ts';
import type { Signing } from './signing.ts';
import { type Spared, spareScans } from './spared-scan.ts';
import type { Start } from './start.ts';

/** What need not be built or scanned, as far as it could be found out. */
export type Known = {
  readonly state?: RegistryState;
  /** Adopted images whose attested verdict spares the second scan, by name. */
  readonly spared: ReadonlyMap<string, Spared>;
  /** What the handoffs that were given hold; empty when there are none. */
  readonly handed: HandedSet;
  /** What is known of handed images that need no second look, by name. */
  readonly inspected: ReadonlyMap<string, HandedInspection>;
};

/** Undefined where it fails: then the problems are noted. */
export type Collect = <T>(work: Promise<T>) => Promise<T | undefined>;

type Found = {
  /** What the registries hold; the rest is undefined where it could not be had, `signing` also where nothing is signed. */
  readonly seen: RegistryState | undefined;
  readonly signing: Signing | undefined;
  readonly policy: GatePolicy | undefined;
};

/** What earlier runs and the shards of this one have made, as far as somebody vouches for it. */
export async function lookAtKnown(
  start: Start,
  plan: Plan,
  { seen, signing, policy }: Found,
  collect: Collect,
  ports: Ports,
): Promise<Known> {
  const handed: HandedSet = (await collect(takeHandoffs(start, plan, signing, ports))) ?? new Map();
  const inspected = await collect(readHanded(start, handed, ports));
  const held = seen === undefined ? undefined : withHanded(seen, handed);
  const state =
    held === undefined || signing === undefined
      ? held
      : await collect(adoptProven(held, plan, signing, ports));
  const spared =
    state === undefined || signing === undefined || policy === undefined
      ? undefined
      : await collect(spareScans(plan, state, { gate: start.inputs.gate, policy, signing }, ports));
  return {
    ...(state === undefined ? {} : { state }),
    spared: spared ?? new Map(),
    handed,
    inspected: inspected ?? new Map(),
  };
}
