import type { InputSpec } from './input-spec.ts';

/** Inputs of builds that are spread over several jobs. */
export const FAN_OUT_INPUTS = {
  shard: {
    config: false,
    description:
      'For `command: build`: the shard that this job makes, by its name in the output `matrix` of `command: plan`, such as `base-linux-amd64`. Default: all that the inputs say.',
  },
  handoff: {
    config: false,
    description:
      'What the shards have handed over: paths of `handoff.json` files or of folders that hold some, or `artifact` for those of this run. For `release` and `plan`, which then build nothing, and for a `build` that is to push what the shards of `gate.scope: set` have kept. Default: none.',
  },
  digests: {
    config: false,
    description:
      'For a release of handoffs: the digest that each image must come to, as the output `digests` gives it: JSON object, image name → 64 hex digits, with or without `sha256:`. Refuses what was not tested. Default: any.',
  },
} as const satisfies Record<string, InputSpec>;
