import type { InputSpec } from './input-spec.ts';

/** Inputs of verifying: what, whose evidence counts, and how much of it must be there. */
export const VERIFY_INPUTS = {
  subject: {
    config: false,
    description:
      'References of the images to verify or attest, one a line, such as `ghcr.io/acme/app:1.2.3` or `ghcr.io/acme/app@sha256:…`. Default: for `verify` the images that this event has released, by their immutable tags; else none.',
  },
  'identity-repository': {
    config: false,
    description:
      'Repository whose runs may have signed, as GitHub spells it: `acme/app`, or with its server `https://github.com/acme/app`. Default: this repository.',
  },
  'identity-repository-regexp': {
    config: false,
    description:
      'The same as a regular expression for the whole of the name or address, such as `acme/(app|base)`. Default: none.',
  },
  'identity-workflow': {
    config: false,
    description:
      'Workflow that may have signed: `.github/workflows/release.yml` of that repository, or a reusable one with its own ref, `acme/workflows/.github/workflows/release.yml@refs/tags/v1`. Default: `identity.workflow` of the config file, else the workflow of this run.',
  },
  'identity-workflow-regexp': {
    config: false,
    description:
      'The same as a regular expression for the whole of repository, path and ref, such as `acme/app/\\.github/workflows/release\\.yml@refs/tags/v1\\..*`. Default: none.',
  },
  'identity-ref': {
    config: false,
    description:
      'Branch or tag that the run was started for: `refs/tags/v1.2.3` or `refs/heads/main`. Default: the tag of a released version, else any, which then the workflow must be of too.',
  },
  'identity-ref-regexp': {
    config: false,
    description:
      'The same as a regular expression for the whole of the ref, such as `refs/tags/v1\\..*`. Default: none.',
  },
  'identity-issuer': {
    config: false,
    description:
      "Issuer of the signer's identity. Default: that of GitHub Actions, `https://token.actions.githubusercontent.com`.",
  },
  'identity-issuer-regexp': {
    config: false,
    description: 'The same as a regular expression for the whole of the address. Default: none.',
  },
  require: {
    config: false,
    description:
      'Evidence that an image must have: `signature`, `provenance`, `sbom`, `scan`, or `none` (nothing is asked, and the summary says so). Default: all four.',
  },
} as const satisfies Record<string, InputSpec>;
