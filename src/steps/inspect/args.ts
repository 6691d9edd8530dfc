import type { GateInputs } from '../../model/inputs.ts';

export type ScanArgs = {
  /** The layout of one platform: absolute. */
  readonly view: string;
  readonly output: string;
  /** `--cache-dir`: database, Java index and analysed layers. */
  readonly cacheDir: string;
  readonly scanners: GateInputs['scanners'];
  readonly skipDirs: readonly string[];
  readonly skipFiles: readonly string[];
  readonly timeoutSeconds: number;
  readonly offline: boolean;
  /** Repositories of the index that JAR files are looked up in; empty = Trivy's own. */
  readonly javaRepositories: readonly string[];
  /** The cache folder's Java index is used as it is. */
  readonly keepJavaDatabase: boolean;
};

/**
 * One pass over one platform: all findings of all severities and all packages; what counts is the gate's business. The
 * configuration of the image is searched for secrets too: a build argument ends up in its history.
 * https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/
 */
export function scanArgs(scan: ScanArgs): readonly string[] {
  return [
    'image',
    `--input=${scan.view}`,
    '--format=json',
    `--output=${scan.output}`,
    '--list-all-pkgs',
    `--scanners=${scan.scanners.join(',')}`,
    ...(scan.scanners.includes('secret') ? ['--image-config-scanners=secret'] : []),
    `--cache-dir=${scan.cacheDir}`,
    '--skip-db-update',
    ...(scan.offline || scan.keepJavaDatabase ? ['--skip-java-db-update'] : []),
    ...(scan.offline ? ['--offline-scan'] : []),
    ...scan.javaRepositories.map((repository) => `--java-db-repository=${repository}`),
    ...scan.skipDirs.map((path) => `--skip-dirs=${csvField(path)}`),
    ...scan.skipFiles.map((path) => `--skip-files=${csvField(path)}`),
    `--timeout=${scan.timeoutSeconds}s`,
    ...QUIET,
  ];
}

/** The secrets of a folder of the checkout; nothing is kept, and no database is needed. */
export function sourceArgs(
  folder: string,
  output: string,
  cacheDir: string,
  timeoutSeconds: number,
): readonly string[] {
  return [
    'fs',
    '--scanners=secret',
    '--format=json',
    `--output=${output}`,
    `--cache-dir=${cacheDir}`,
    '--cache-backend=memory',
    `--timeout=${timeoutSeconds}s`,
    '--offline-scan',
    ...QUIET,
    '--',
    folder,
  ];
}

const QUIET = ['--no-progress', '--skip-version-check', '--disable-telemetry'] as const;

export type SbomFormat = GateInputs['sbom'][number];

const SYFT_FORMATS = { cyclonedx: 'cyclonedx-json', spdx: 'spdx-json' } as const;

/** An SPDX document of the packages that a scan has found. https://trivy.dev/latest/docs/references/configuration/cli/trivy_convert/ */
export function spdxArgs(input: string, output: string): readonly string[] {
  return ['convert', '--format=spdx-json', `--output=${output}`, '--quiet', '--', input];
}

/** All SBOMs of a platform in one go. https://github.com/anchore/syft/wiki/Output-Formats */
export function syftArgs(
  view: string,
  subject: { readonly name: string; readonly version: string },
  outputs: readonly { readonly format: SbomFormat; readonly path: string }[],
): readonly string[] {
  return [
    'scan',
    `oci-dir:${view}`,
    `--source-name=${subject.name}`,
    `--source-version=${subject.version}`,
    ...outputs.map(({ format, path }) => `--output=${SYFT_FORMATS[format]}=${path}`),
    '--quiet',
  ];
}

/** Trivy reads such lists as CSV. */
function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The repositories of the Java index that stand beside those of the vulnerability database, under the names that the
 * vendor gives both; a repository that is named otherwise tells nothing.
 */
export function javaRepositories(databaseRepositories: readonly string[]): readonly string[] {
  return databaseRepositories.flatMap((repository) =>
    /\/trivy-db:2$/.test(repository) ? [repository.replace(/trivy-db:2$/, 'trivy-java-db:1')] : [],
  );
}
