import type { ResolvedBuild } from './build.ts';
import type { RepositoryAbout } from './context.ts';
import type { ModuleImage } from './module-image.ts';
import type { TagRef } from './reference.ts';

/** What is true of the checkout and the repository: read once, before the plan. */
export type Facts = {
  /** `git rev-parse HEAD`: 40 hex digits; undefined when the workspace is no git checkout. */
  readonly head?: string;
  /** Committer date, seconds since 1970. */
  readonly commitEpoch?: number;
  /** Tracked files differ from HEAD. */
  readonly dirty: boolean;
  /** manifest.json of the working directory, when it exists and can be read. */
  readonly manifest?: ManifestFacts;
  /** manifest.json of images that are modules in folders of their own, by the context as the inputs have it. */
  readonly modules?: ReadonlyMap<string, ManifestFacts>;
  /** Modules without a Dockerfile, by the context as the inputs have it. */
  readonly moduleImages?: ReadonlyMap<string, ModuleImage>;
  readonly about: RepositoryAbout;
  /** The job may ask for an OIDC token. */
  readonly oidc: boolean;
  /** Undefined when no image is built here. */
  readonly build?: ResolvedBuild;
  /** Versions of modules that an earlier commit has released: image name → where it is. */
  readonly released?: ReadonlyMap<string, TagRef>;
  /** When the run started, for nightly tags and date templates. */
  readonly now: Date;
};

export type ManifestFacts = {
  /** Relative to the workspace, for annotations. */
  readonly path: string;
  readonly name?: string;
  readonly version?: string;
  /** 1-based line of what is read of it: `version`, or the fault. */
  readonly line?: number;
  /** Why it is of no use: not JSON, no object. */
  readonly fault?: string;
};
