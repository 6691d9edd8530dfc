import { fullDisk } from './full-disk.ts';

/** Who has to act: the user's input, a policy that refused, a conflict with what exists, a tool, a service, or us. */
export type ErrorKind =
  | 'input'
  | 'policy'
  | 'conflict'
  | 'tool'
  | 'registry'
  | 'github'
  | 'sigstore'
  | 'publish'
  | 'internal';

type Entry = { readonly kind: ErrorKind; readonly title: string; readonly hint: string };

/**
 * The error catalogue: every stable code with its owner and its default remedy. `docs/troubleshooting.md` documents the
 * same list (a test compares them); a thrower may replace the hint with a more exact one.
 */
export const ERRORS = {
  INPUT_INVALID: {
    kind: 'input',
    title: 'An input or a config value is not in its allowed form.',
    hint: 'Correct the named input; README.md lists every input with its allowed form.',
  },
  EVENT_REFUSED: {
    kind: 'input',
    title: 'The event runs with write rights on code that is not its own commit.',
    hint: 'Use the pull_request event to build pull requests; it needs no secrets and is gated without a push.',
  },
  COMMIT_MISMATCH: {
    kind: 'input',
    title: 'The checked-out commit is not the commit of the event.',
    hint: 'Check out the commit of the event (actions/checkout without `ref`), or start the workflow from the wanted ref.',
  },
  TAG_NOT_SEMVER: {
    kind: 'input',
    title: 'The git tag is no strict SemVer version after its prefix.',
    hint: 'Name the tag like v1.2.3 or v1.3.0-rc.1, or set `tag-prefix`.',
  },
  VERSION_MISSING: {
    kind: 'input',
    title: 'This event carries no version.',
    hint: 'Set the input `version`, or add a manifest.json with a version.',
  },
  VERSION_MISMATCH: {
    kind: 'input',
    title: 'The version of manifest.json is not the version of the tag.',
    hint: 'Bump manifest.json to the tag, commit, and move the tag; or set `manifest: false`.',
  },
  MANIFEST_NOT_FOUND: {
    kind: 'input',
    title: 'manifest.json is required here and does not exist.',
    hint: 'Point `working-directory` at the folder of manifest.json.',
  },
  MANIFEST_INVALID: {
    kind: 'input',
    title: 'manifest.json cannot be read, or is not what the platform takes.',
    hint: 'Correct what is named; docs/modules.md lists every rule. For a manifest.json of another tool set `manifest: false`.',
  },
  TOOL_MISSING: {
    kind: 'tool',
    title: 'A tool that this run needs is not there, or is too old.',
    hint: 'Install it, or point the matching `*-path` input at it.',
  },
  TOOL_UNVERIFIED: {
    kind: 'tool',
    title: 'A downloaded tool could not be verified, so it was not run.',
    hint: 'Give its SHA-256 in `tool-checksums` (`file sha256`), or install the tool and set its `*-path` input.',
  },
  TOOL_FAILED: {
    kind: 'tool',
    title: 'A tool ended with an error that is not about your image.',
    hint: 'Read the lines of the tool above; re-run with RUNNER_DEBUG=1 for its whole output.',
  },
  BUILDER_UNFIT: {
    kind: 'tool',
    title: 'The builder cannot build what the plan asks for.',
    hint: 'Choose another `builder`, or leave it out so that a docker-container builder is created.',
  },
  BUILD_FAILED: {
    kind: 'tool',
    title: 'The build of an image failed.',
    hint: 'Read the last lines of the named target; the Dockerfile step that failed is shown there.',
  },
  DISK_LOW: {
    kind: 'tool',
    title: 'There is not enough free disk space for the staging store.',
    hint: 'Free space on the runner before this step (tool caches that the job does not need), release fewer images per job, or use a larger runner.',
  },
  SOURCE_INVALID: {
    kind: 'input',
    title: 'An image given by `from` cannot be read.',
    hint: 'Check the path or reference; allowed forms stand in README.md under `from`.',
  },
  GATE_FINDINGS: {
    kind: 'policy',
    title: 'The gate found vulnerabilities that the policy does not allow. Nothing left the runner.',
    hint: 'Upgrade the packages named, or add a dated waiver with a reason to the `waivers` file.',
  },
  GATE_SECRET: {
    kind: 'policy',
    title: 'The gate found a secret in an image. Nothing left the runner.',
    hint: 'Remove the secret from the build (use `secrets`), rotate it, and build again.',
  },
  SCAN_DB_UNAVAILABLE: {
    kind: 'tool',
    title: 'The vulnerability database could not be had; this says nothing about your images.',
    hint: 'Re-run later, add a mirror to `trivy-db-repository`, or give a `trivy-cache-dir` that holds a database.',
  },
  SCAN_FAILED: {
    kind: 'tool',
    title: 'The scanner failed, so there is no verdict. Nothing left the runner.',
    hint: 'Read the scanner lines above; raise `scan-timeout` when it ran out of time.',
  },
  REGISTRY_LOGIN: {
    kind: 'registry',
    title: 'The registry does not accept the credentials (401).',
    hint: 'Check `username`/`password` or `registry-auth`, or log in before this step.',
  },
  REGISTRY_FORBIDDEN: {
    kind: 'registry',
    title: 'The registry knows you, but you may not do this (403).',
    hint: 'Add `permissions: packages: write` to the job; for an existing package grant this repository Write under Package settings → Manage Actions access.',
  },
  REGISTRY_NOT_FOUND: {
    kind: 'registry',
    title: 'The registry has no such repository.',
    hint: 'Create the repository first (Amazon ECR does not create it on push), or correct `registry` and `namespace`.',
  },
  REGISTRY_UNAVAILABLE: {
    kind: 'registry',
    title: 'The registry did not answer properly, also after retries.',
    hint: 'Re-run the job: it continues where this one stopped.',
  },
  TAG_IMMUTABLE: {
    kind: 'conflict',
    title: 'An immutable tag already exists with other content. Nothing was moved.',
    hint: 'Release a new version; an immutable tag never changes.',
  },
  DIGEST_MISMATCH: {
    kind: 'registry',
    title: 'Bytes do not have the digest that was promised for them.',
    hint: 'Re-run; if it stays, a proxy or the registry alters content: do not use these images.',
  },
  OIDC_MISSING: {
    kind: 'sigstore',
    title: 'The run may not ask for an OIDC token, and attestations are required.',
    hint: 'Add `permissions: id-token: write` to the job, or give a `cosign-key`, or set `attest: auto`.',
  },
  SIGSTORE_UNAVAILABLE: {
    kind: 'sigstore',
    title:
      'Fulcio, the log, the timestamp authority or the trusted root did not answer properly, also after minutes.',
    hint: 'The images are pushed by digest and no tag is set. Re-run the job: it continues where this one stopped.',
  },
  ATTESTATION_NOT_READABLE: {
    kind: 'sigstore',
    title: 'An attestation was written, but cannot be read where its consumers read it.',
    hint: 'Re-run the job; if it stays, the registry keeps no referrers: set `attest-store` to `github` or `file`.',
  },
  VERIFY_FAILED: {
    kind: 'policy',
    title: 'The evidence of an image does not prove what it must prove.',
    hint: 'Read the failed checks with their expected and actual values; do not use this image before they pass.',
  },
  REGISTRY_UNAUTHORIZED: {
    kind: 'publish',
    title: 'The platform takes no images from this namespace of the registry.',
    hint: 'Ask an admin of the organization to add the namespace under Org Settings → Registries.',
  },
  PUBLISH_AUTH: {
    kind: 'publish',
    title: 'The platform does not accept the credentials (401).',
    hint: 'Renew the secret that `publish-token` gets; it must be for this environment.',
  },
  PUBLISH_FORBIDDEN: {
    kind: 'publish',
    title: 'The platform knows you, but you may not publish (403).',
    hint: 'Ask an admin of the organization for the role `developer` in this environment.',
  },
  PUBLISH_VERSION_EXISTS: {
    kind: 'conflict',
    title: 'The platform has this version already, with other bytes. Published versions never change.',
    hint: 'Bump the version of manifest.json, commit, and tag it.',
  },
  PUBLISH_FAILED: {
    kind: 'publish',
    title: 'The platform refused the version, or its intake failed.',
    hint: 'Read the reason of the platform in the message. Image and tags stay; a re-run publishes again.',
  },
  PUBLISH_UNAVAILABLE: {
    kind: 'publish',
    title: 'The platform did not answer properly, also after retries.',
    hint: 'Re-run the job: it continues where this one stopped, and nothing is published twice.',
  },
  PUBLISH_TIMEOUT: {
    kind: 'publish',
    title: 'The platform had not finished when the time to wait was over. This is no failure of the version.',
    hint: 'Re-run the job to go on waiting, raise `publish-timeout`, or set `publish-wait: false`.',
  },
  CHANNEL_BACKWARD: {
    kind: 'policy',
    title:
      'The channel would go back: to a lower version, an older commit, or a release that was withdrawn. Nothing was moved.',
    hint: 'Use the command `rollback` to go back on purpose, or `force` with a `reason` from a workflow_dispatch.',
  },
  CHANNEL_CONFLICT: {
    kind: 'conflict',
    title: 'Somebody else moves this channel, or has moved it since this run looked. This run moved nothing.',
    hint: 'Re-run the job when the other run is over; a claim whose run died expires by itself within minutes.',
  },
  PROMOTION_ROLLED_BACK: {
    kind: 'registry',
    title: 'A tag could not be moved, and all that had moved were put back.',
    hint: 'Read the cause below, then re-run the job: the channel stands where it stood before.',
  },
  PROMOTION_INCOMPLETE: {
    kind: 'registry',
    title:
      'A channel stands between two releases: neither could the move be finished, nor what had moved be put back.',
    hint: 'Re-run the job as soon as the registry answers: it finishes the move from the journal in the record of the channel.',
  },
  HANDOFF_INVALID: {
    kind: 'input',
    title: 'A handoff is not as a shard has left it, or not one for this release.',
    hint: 'Hand over the folders as the build jobs have left them; where it stays, re-run the build job that the message names.',
  },
  HANDOFF_INCOMPLETE: {
    kind: 'conflict',
    title: 'The handoffs do not hold every platform of every image. Nothing was tagged.',
    hint: 'Re-run the build job that failed, and then this one: the others need not run again.',
  },
  GITHUB_REFUSED: {
    kind: 'github',
    title: 'GitHub refused a request.',
    hint: 'Add the permission that the message names to the job.',
  },
  ARTIFACT_UNAVAILABLE: {
    kind: 'github',
    title: 'A workflow artifact could not be uploaded, listed or downloaded, also after retries.',
    hint: 'Re-run the failed job: what the other jobs of this run have uploaded stays and is used.',
  },
  ARTIFACT_INVALID: {
    kind: 'github',
    title: 'A workflow artifact does not hold what was uploaded. Nothing of it was used.',
    hint: 'Re-run the job that uploaded it; if it stays, find out which step of this run uploads under that name.',
  },
  CANCELLED: {
    kind: 'internal',
    title: 'The run was cancelled.',
    hint: 'Re-run the job: it continues where this one stopped.',
  },
  INTERNAL: {
    kind: 'internal',
    title: 'This should never happen: a bug in module-release.',
    hint: 'Please open an issue with the log of this step.',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;

/** One thing that is wrong, as data: what (with the value), and what to do. */
export type Problem = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Where it stands in the repository, for an annotation. */
  readonly at?: { readonly file: string; readonly line?: number };
};

/** A problem with the catalogue's hint, unless a more exact one is given. */
export function problem(code: ErrorCode, message: string, hint: string = ERRORS[code].hint): Problem {
  return { code, message, hint };
}

type ReleaseErrorOptions = {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly problems?: readonly Problem[];
};

/**
 * The one error that rooms and adapters throw. `message` is "what failed: the value"; `hint` says what to do; `problems`
 * holds all of them when several were found together.
 */
export class ReleaseError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly problems: readonly Problem[];

  constructor(code: ErrorCode, message: string, options: ReleaseErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ReleaseError';
    this.code = code;
    this.kind = ERRORS[code].kind;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.problems = options.problems ?? [problem(code, message, this.hint)];
  }
}

/** One error for all problems found together; the first gives its code. */
export function releaseErrorOf(problems: readonly Problem[]): ReleaseError {
  const first = problems[0];
  if (first === undefined) return new ReleaseError('INTERNAL', 'an error without a problem');
  const message =
    problems.length === 1
      ? first.message
      : `${problems.length} problems: ${problems.map((p) => p.message).join('; ')}`;
  return new ReleaseError(first.code, message, { hint: first.hint, problems });
}

/** Anything thrown, as a ReleaseError; a full disk is DISK_LOW wherever it was met, other unknown errors are INTERNAL. */
export function toReleaseError(error: unknown): ReleaseError {
  const full = fullDisk(error);
  const known = error instanceof ReleaseError ? error : undefined;
  if (
    full !== undefined &&
    (known === undefined || (MAY_BE_DISK.has(known.code) && known.problems.length === 1))
  ) {
    const what = known === undefined || known.message === full ? full : `${known.message}: ${full}`;
    return new ReleaseError('DISK_LOW', `no space is left on the disk: ${what}`, { cause: error });
  }
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : String(error);
  return new ReleaseError('INTERNAL', message, { cause: error });
}

/** What a full disk may look like to who met it. The others say more than their cause. */
const MAY_BE_DISK: ReadonlySet<ErrorCode> = new Set([
  'TOOL_MISSING',
  'TOOL_FAILED',
  'BUILD_FAILED',
  'SOURCE_INVALID',
  'SCAN_DB_UNAVAILABLE',
  'SCAN_FAILED',
  'REGISTRY_UNAVAILABLE',
  'DIGEST_MISMATCH',
  'INTERNAL',
]);
