import type { Platform } from './descriptor.ts';

/** Where the jobs of a fan-out run, for one platform. */
export type Runner = {
  readonly platform: Platform;
  /** What `runs-on` takes: one label, or several that a runner must all have. Never empty. */
  readonly labels: readonly string[];
  /** Jobs at most for this platform; undefined: one for each group of images that stand on each other. */
  readonly jobs?: number;
};

/** What one job of a fan-out builds. Images that stand on each other are in one shard, so that the parent's bytes are shared. */
export type Shard = {
  /** Unique in the plan, and the same on every machine: [a-z0-9._-]. */
  readonly name: string;
  /** Names of images of the plan, in its order. */
  readonly images: readonly string[];
  /** Empty: all that the images have. */
  readonly platforms: readonly Platform[];
  readonly labels: readonly string[];
};

/** Before what the gate of the whole set must have passed: the tags (`shard`: each shard pushes what passed its own), or the push (`set`). */
export type GateScope = 'shard' | 'set';
