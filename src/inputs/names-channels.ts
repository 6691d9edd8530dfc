import type { InputSpec } from './input-spec.ts';

/** Inputs of channels: which one moves, to what, and by whose word. */
export const CHANNEL_INPUTS = {
  channel: {
    description:
      'Channel to move, such as `prod`: by `promote` and `rollback`, or by a release in place of those whose rule in the config matches its event. `attest` signs its record, where no signature could be made when it was moved. Default: for a release the channels of the matching rules, for `attest` without images all that the config declares.',
  },
  aliases: {
    description:
      'Tags that follow the versions of the channel, forward only: `latest`, `major` (`1`), `minor` (`1.2`). A release without a channel sets them too. Default: `aliases` of the channel in the config, else none.',
  },
  to: {
    config: false,
    description:
      'What `rollback` goes back to: `previous`, a version, another tag, `sha256:…`, or a digest for each image, one `name@sha256:…` a line (the output `digests` does as well). Default: `previous`.',
  },
  force: {
    config: false,
    description:
      '`true` moves a channel backward, or to a version that a rollback has withdrawn. Only by workflow_dispatch, with a `reason`; it is recorded, and evidence is verified all the same. Default: `false`.',
  },
  reason: {
    config: false,
    description: 'Why the channel is moved, for its record, such as `CVE-2026-1234 in 1.6.0`. Default: none.',
  },
} as const satisfies Record<string, InputSpec>;
