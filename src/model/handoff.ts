import type { Descriptor, Platform } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { BuiltImage } from './image.ts';
import type { Material } from './material.ts';
import type { Repository } from './reference.ts';
import type { ToolVersion } from './release.ts';
import type { ReportFile, Scanner } from './scan.ts';

/** A report beside the handoff, by its file name and the digest of its bytes. */
export type HandedReport = {
  readonly kind: Exclude<ReportFile['kind'], 'sarif'>;
  readonly file: string;
  readonly digest: Digest;
};

/** One platform of one image as a shard has made it. */
export type HandedPlatform = {
  readonly platform: Platform;
  /** Of the manifest: mediaType, digest, size. */
  readonly descriptor: Descriptor;
  readonly origin: BuiltImage['origin'];
  /** Bytes of its distinct blobs, compressed. */
  readonly size: number;
  /** Images of the set that it was built on → the manifest of this platform that it stands on. */
  readonly parents: Readonly<Record<string, Digest>>;
  readonly materials?: readonly Material[];
  readonly packages?: number;
  readonly reports: readonly HandedReport[];
};

export type HandedImage = {
  readonly name: string;
  /** `registry/path`: where its manifests are, all with the same digests; empty while the bytes lie beside. */
  readonly repositories: readonly string[];
  /** What shapes its bytes but for the platforms (PlannedImage.definitionHash); undefined for brought bytes. */
  readonly definition?: string;
  /** What the tags will point at, where this job has pushed the whole image. */
  readonly top?: Digest;
  readonly platforms: readonly HandedPlatform[];
};

/**
 * What one shard hands to the release: digests, what was found out about the bytes, and with which tools. It lies in a
 * folder of its own as `handoff.json`, with the reports beside it, and maybe with the bytes themselves.
 */
export type Handoff = {
  readonly shard: string;
  /** `Owner/Name`. */
  readonly repository: string;
  /** The commit: 40 hex digits. */
  readonly revision: string;
  readonly run: { readonly id: string; readonly attempt: string };
  /** Where the bytes are: at the registries, or (nothing has left the runner) in OCI layouts beside it. */
  readonly bytes: 'registry' | 'beside';
  /** What the scans looked for and left out: another release must look for the same to go by them. */
  readonly gate: {
    readonly scanners: readonly ('vuln' | 'secret')[];
    readonly skipDirs: readonly string[];
    readonly skipFiles: readonly string[];
    readonly sbom: readonly ('cyclonedx' | 'spdx')[];
  };
  readonly scanner: Scanner;
  /** When the shard's run began: ISO 8601. */
  readonly startedOn: string;
  /** ISO 8601. */
  readonly scanned: { readonly startedOn: string; readonly finishedOn: string };
  readonly tools: readonly ToolVersion[];
  readonly images: readonly HandedImage[];
};

/**
 * What may be taken from a handoff. `digests`: nobody vouches for it; its bytes are looked into again. `verdict`: it is
 * signed by this workflow for this commit, so its reports stand. `built`: by this very run as well, so that the run signs the provenance.
 */
export type HandoffTrust = 'digests' | 'verdict' | 'built';

/** One platform of an image of the release, with where it comes from. `origin` is what the shard says; `trust` says what of it counts. */
export type SetPlatform = HandedPlatform & {
  readonly handoff: Pick<Handoff, 'shard' | 'bytes' | 'gate' | 'scanner' | 'startedOn' | 'scanned'>;
  /** Absolute: the reports are below it, and the bytes where they lie beside. */
  readonly folder: string;
  /** Where the manifest is. */
  readonly repositories: readonly Repository[];
  readonly trust: HandoffTrust;
};

/** The handoffs that a run was given, checked against its plan: by image, with all platforms in the plan's order. */
export type HandedSet = ReadonlyMap<string, readonly SetPlatform[]>;
