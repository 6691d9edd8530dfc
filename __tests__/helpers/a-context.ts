import type { ResolvedBuild, ResolvedTarget } from '../../src/model/build.ts';
import type { PullRequest, RunContext } from '../../src/model/context.ts';
import type { Facts } from '../../src/model/facts.ts';
import type {
  BuildInputs,
  ImageInput,
  ImagesInput,
  Inputs,
  PublishInputs,
  VersionInputs,
} from '../../src/model/inputs.ts';

/** Builders of what a plan is made from: a good default each, and what a test says in its place. */

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** A push of the tag v1.2.3 to Acme/Modules. */
export function aContext(change: Partial<RunContext> = {}): RunContext {
  return {
    eventName: 'push',
    repository: 'Acme/Modules',
    owner: 'Acme',
    ref: 'refs/tags/v1.2.3',
    sha: COMMIT,
    defaultBranch: 'main',
    actor: 'octocat',
    runId: '4242424242',
    runAttempt: 1,
    runNumber: 7,
    workflow: 'release',
    job: 'release',
    serverUrl: 'https://github.com',
    apiUrl: 'https://api.github.com',
    about: {},
    ...change,
  };
}

/** Pull request 7 of the same repository. */
export function aPullRequest(change: Partial<PullRequest> = {}): Partial<RunContext> {
  return {
    eventName: 'pull_request',
    ref: 'refs/pull/7/merge',
    pullRequest: {
      number: 7,
      headSha: 'f'.repeat(40),
      headRef: 'topic',
      baseRef: 'main',
      headRepository: 'Acme/Modules',
      ...change,
    },
  };
}

/** A clean checkout of the commit, 2026-11-20 10:00:00 UTC; the run starts a day later. */
export function someFacts(change: Partial<Facts> = {}): Facts {
  return {
    head: COMMIT,
    commitEpoch: Date.UTC(2026, 10, 20, 10) / 1000,
    dirty: false,
    about: {},
    oidc: false,
    now: new Date('2026-11-21T14:45:30.250Z'),
    ...change,
  };
}

/** A release of one image of the working directory, which has no name of its own. */
export function anInputs(change: Partial<Inputs> = {}): Inputs {
  return {
    command: 'release',
    dryRun: false,
    workspace: '/work/repo',
    workingDirectory: '/work/repo',
    names: { registries: ['ghcr.io'] },
    version: someVersionInputs(),
    channels: { rules: [], to: { kind: 'previous' }, force: false },
    login: { credentials: [], insecure: [] },
    build: someBuildInputs(),
    gate: {
      scanners: ['vuln', 'secret'],
      severities: ['HIGH', 'CRITICAL'],
      ignoreUnfixed: false,
      skipDirs: [],
      skipFiles: [],
      timeoutSeconds: 300,
      sourceSecrets: [],
      sbom: ['cyclonedx'],
      sbomGenerator: 'trivy',
    },
    tools: {
      trivyVersion: '0.67.2',
      syftVersion: '1.38.0',
      checksums: {},
      databaseRepositories: [],
      offline: false,
    },
    attest: { mode: 'auto', instance: 'auto' },
    publish: somePublishInputs(),
    verify: { subjects: [], identity: {}, require: ['signature', 'provenance', 'sbom', 'scan'] },
    fanOut: { runners: [], scope: 'shard', handoffs: [] },
    ...change,
  };
}

/** Nothing is published. */
export function somePublishInputs(change: Partial<PublishInputs> = {}): PublishInputs {
  return {
    target: { kind: 'hla-compass', env: 'dev' },
    scope: 'org',
    generateKeys: false,
    wait: true,
    timeoutSeconds: 1800,
    ...change,
  };
}

export function someVersionInputs(change: Partial<VersionInputs> = {}): VersionInputs {
  return {
    tagPrefix: 'v',
    manifest: 'auto',
    tags: [],
    pullRequest: 'gate',
    labels: {},
    annotations: [],
    ...change,
  };
}

export function someBuildInputs(change: Partial<BuildInputs> = {}): BuildInputs {
  return {
    definition: imageSet(anImageInput()),
    platforms: [],
    secrets: {},
    secretFiles: {},
    ssh: [],
    cacheFrom: [],
    cacheTo: [],
    noCache: false,
    pull: false,
    moduleBaseImage: 'python:3.11-slim',
    ...change,
  };
}

export function imageSet(...images: readonly ImageInput[]): ImagesInput {
  return { kind: 'images', images };
}

export function anImageInput(change: Partial<ImageInput> = {}): ImageInput {
  return { context: '.', platforms: [], args: {}, contexts: {}, labels: {}, ...change };
}

export function aTarget(name: string, change: Partial<ResolvedTarget> = {}): ResolvedTarget {
  return {
    name,
    parents: [],
    platforms: [],
    attests: false,
    labels: {},
    definition: { context: '.' },
    ...change,
  };
}

/** All targets are selected unless a test names those that are. */
export function aBuild(targets: readonly ResolvedTarget[], selected?: readonly string[]): ResolvedBuild {
  return {
    selected: selected ?? targets.map(({ name }) => name),
    targets: Object.fromEntries(targets.map((target) => [target.name, target])),
  };
}
