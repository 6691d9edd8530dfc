import { join } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { ToolName } from '../../model/tool.ts';
import type { IdentityPolicy } from '../../model/verification.ts';
import { parseVersion, type Version } from '../../model/version.ts';
import { CATALOGUE, type Host, unfitness } from './catalogue.ts';

/** Judges a file by its Sigstore bundle: undefined when it is signed by this identity, else what is wrong. */
export type ProveFile = (signed: {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly bundle: Uint8Array;
  readonly identity: IdentityPolicy;
}) => Promise<string | undefined>;

export type ToolSpec = {
  readonly name: ToolName;
  /** What is downloaded when the runner has no fit one: `0.69.3`. */
  readonly version: string;
  /** `trivy-path` or `syft-path`: then nothing else is tried. */
  readonly path?: string;
  /** `tool-checksums`: file name → 64 hex digits; they win over the compiled-in ones. */
  readonly checksums: Readonly<Record<string, string>>;
  /** `tools-mirror`. */
  readonly mirror?: string;
  readonly offline: boolean;
  readonly host: Host;
  /** RUNNER_TOOL_CACHE. */
  readonly toolCache?: string;
  /** For versions whose checksum nobody has given: by the trusted root of the public-good instance. */
  readonly prove: ProveFile;
};

/** `trivy-version` or `syft-version`. */
export function pinnedVersion(spec: Pick<ToolSpec, 'name' | 'version'>): Version {
  const version = parseVersion(spec.version.replace(/^v/, ''));
  if (version === undefined)
    throw new ReleaseError('INPUT_INVALID', `${spec.name}-version is no version: ${spec.version}`, {
      hint: `Write it like ${CATALOGUE[spec.name].minimum}.`,
    });
  return version;
}

/** The place in the runner's tool cache: the layout of @actions/tool-cache. Undefined without a tool cache. */
export function cachePlace(spec: ToolSpec): { readonly path: string; readonly marker: string } | undefined {
  if (spec.toolCache === undefined) return undefined;
  const folder = join(spec.toolCache, spec.name, pinnedVersion(spec).raw, spec.host.arch);
  return { path: join(folder, spec.name), marker: `${folder}.complete` };
}

/** Throws TOOL_UNVERIFIED for an attacker's release, TOOL_MISSING for one that is too old. `where` names it. */
export function refuseUnfit(name: ToolName, version: Version, where: string): void {
  const why = unfitness(name, version);
  if (why === undefined) return;
  const { title, minimum } = CATALOGUE[name];
  const message = `${title} ${version.raw} is ${why}: ${where}`;
  if (isRefused(name, version))
    throw new ReleaseError('TOOL_UNVERIFIED', message, {
      hint: 'If it ran on this machine, treat the machine as compromised: replace the tool, rotate every secret it could read.',
    });
  throw new ReleaseError('TOOL_MISSING', message, { hint: `Use ${title} ${minimum} or newer.` });
}

export function isRefused(name: ToolName, version: Version): boolean {
  return CATALOGUE[name].refused.includes(version.raw);
}
