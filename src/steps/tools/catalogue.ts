import type { ToolName } from '../../model/tool.ts';
import type { IdentityPolicy } from '../../model/verification.ts';
import { compareVersions, parseVersion, type Version } from '../../model/version.ts';

/** `process.platform` and `process.arch` of the runner. */
export type Host = { readonly os: string; readonly arch: string };

type Entry = {
  readonly title: string;
  /** On github.com; its releases hold the archives. */
  readonly repository: string;
  readonly versionArgs: readonly string[];
  readonly versionPattern: RegExp;
  /** The oldest version that this project runs. */
  readonly minimum: string;
  /** Released by an attacker: never run. */
  readonly refused: readonly string[];
  readonly archive: (version: string, host: Host) => string | undefined;
  /** SHA-256 of archives, in hex. */
  readonly checksums: Readonly<Record<string, string>>;
  /** Who signs the checksums file of a release. */
  readonly signer: (version: string) => IdentityPolicy;
};

/**
 * What we know of the vendors' releases. A checksum stands here only when several independent public sources agree on
 * it; for other versions the vendor's signed checksums file counts, or the input `tool-checksums`.
 */
export const CATALOGUE: Readonly<Record<ToolName, Entry>> = {
  trivy: {
    title: 'Trivy',
    repository: 'aquasecurity/trivy',
    versionArgs: ['--version'],
    versionPattern: /^Version: v?(\S+)/m,
    // The first one whose `image` and `fs` can both be told not to call home (--skip-version-check, --disable-telemetry).
    minimum: '0.64.0',
    // https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
    refused: ['0.69.4', '0.69.5', '0.69.6'],
    archive: (version, host) => {
      const os = { linux: 'Linux', darwin: 'macOS' }[host.os];
      const arch = { x64: '64bit', arm64: 'ARM64' }[host.arch];
      return os === undefined || arch === undefined ? undefined : `trivy_${version}_${os}-${arch}.tar.gz`;
    },
    checksums: {
      'trivy_0.69.3_Linux-64bit.tar.gz': '1816b632dfe529869c740c0913e36bd1629cb7688bd5634f4a858c1d57c88b75',
      'trivy_0.69.3_Linux-ARM64.tar.gz': '7e3924a974e912e57b4a99f65ece7931f8079584dae12eb7845024f97087bdfd',
      'trivy_0.69.3_macOS-64bit.tar.gz': 'fec4a9f7569b624dd9d044fca019e5da69e032700edbb1d7318972c448ec2f4e',
      'trivy_0.69.3_macOS-ARM64.tar.gz': 'a2f2179afd4f8bb265ca3c7aefb56a666bc4a9a411663bc0f22c3549fbc643a5',
      // The vendor withdrew the files of this release (github.com/aquasecurity/trivy/issues/10345); mirrors still have it.
      'trivy_0.67.2_Linux-64bit.tar.gz': '546511a5514afc813c0b72e4abeea2c16a32228a13a1e5114d927c190e76b1f9',
      'trivy_0.67.2_Linux-ARM64.tar.gz': 'e4f28390b06cdaaed94f8c49cce2c4c847938b5188aefdeb82453f2e933e57cb',
      'trivy_0.67.2_macOS-64bit.tar.gz': '4a5b936a8d89b508ecdc6edd65933b6fe3e9a368796cbdf917fd0df393f26542',
      'trivy_0.67.2_macOS-ARM64.tar.gz': '6b3163667f29fc608a2ed647c1bd42023af5779349286148190a168c5b3f28f1',
    },
    // https://trivy.dev/latest/getting-started/signature-verification/: a reusable workflow, started by the tag.
    signer: (version) => ({
      ...onGitHub('aquasecurity/trivy'),
      workflow: { kind: 'exact', path: '.github/workflows/reusable-release.yaml' },
      ref: { kind: 'exact', value: `refs/tags/v${version}` },
    }),
  },
  syft: {
    title: 'Syft',
    repository: 'anchore/syft',
    versionArgs: ['--version'],
    versionPattern: /^syft v?(\S+)/m,
    // `syft scan`, `--source-name` and several `-o FORMAT=FILE` are part of the command line that 1.0 made stable.
    minimum: '1.0.0',
    refused: [],
    archive: (version, host) => {
      const arch = { x64: 'amd64', arm64: 'arm64' }[host.arch];
      const known = host.os === 'linux' || host.os === 'darwin';
      return arch === undefined || !known ? undefined : `syft_${version}_${host.os}_${arch}.tar.gz`;
    },
    checksums: {
      'syft_1.44.0_linux_amd64.tar.gz': '0e91737aee2b5baf1d255b959630194a302335d848ff97bb07921eb6205b5f5a',
      'syft_1.44.0_linux_arm64.tar.gz': '6f6cdcdc695721d91ce756e3b5bc3e3416599c464101f5e32e9c3f33054ee6d9',
      'syft_1.44.0_darwin_amd64.tar.gz': 'c40ece5407927327f94f35901727dbc604b46857e04f04ec94a310845fb71bde',
      'syft_1.44.0_darwin_arm64.tar.gz': '24e4d34078ae81da7c82539616f0ccac3e226cf4f74a38ce6fb3463619e50a55',
    },
    // As the vendor's installer checks it, https://get.anchore.io/syft: the workflow is started on main, and tags what it releases.
    signer: () => ({
      ...onGitHub('anchore/syft'),
      workflow: { kind: 'exact', path: '.github/workflows/release.yaml' },
      ref: { kind: 'exact', value: 'refs/heads/main' },
    }),
  },
};

function onGitHub(repository: string): Pick<IdentityPolicy, 'issuer' | 'repository'> {
  return {
    issuer: { kind: 'exact', value: 'https://token.actions.githubusercontent.com' },
    repository: { kind: 'exact', value: `https://github.com/${repository}` },
  };
}

/** The version that a tool printed; undefined when it printed none. */
export function printedVersion(name: ToolName, output: string): Version | undefined {
  return parseVersion(CATALOGUE[name].versionPattern.exec(output)?.[1] ?? '');
}

/** Undefined when the version may be run; else why not, as the end of a sentence. */
export function unfitness(name: ToolName, version: Version): string | undefined {
  const { minimum, refused } = CATALOGUE[name];
  if (refused.includes(version.raw)) return 'a release made by an attacker';
  const oldest = parseVersion(minimum);
  if (oldest !== undefined && compareVersions(version, oldest) < 0) return `older than ${minimum}`;
  return undefined;
}

/**
 * Where an archive may lie: with the vendor, or on a mirror, which may keep the vendor's paths (a proxy) or hold the files
 * side by side (a plain folder).
 */
export function archiveUrls(
  name: ToolName,
  version: string,
  file: string,
  mirror?: string,
): readonly string[] {
  const path = `${CATALOGUE[name].repository}/releases/download/v${version}/${file}`;
  if (mirror === undefined) return [`https://github.com/${path}`];
  const base = mirror.replace(/\/+$/, '');
  return [`${base}/${path}`, `${base}/${file}`];
}
