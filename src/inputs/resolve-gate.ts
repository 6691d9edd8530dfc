import { resolve } from 'node:path';
import type { GateInputs, ToolInputs } from '../model/inputs.ts';
import type { Door } from './door.ts';
import { FIELDS } from './fields.ts';
import { show } from './text.ts';

/** `folder` is the working directory: relative paths start there. */
export function resolveGate(door: Door, folder: string): GateInputs {
  const waivers = door.read(FIELDS.waivers);
  return {
    scanners: unique(door.read(FIELDS.scanners) ?? ['vuln', 'secret']),
    severities: unique(door.read(FIELDS.severity) ?? ['HIGH', 'CRITICAL']),
    ignoreUnfixed: door.read(FIELDS['ignore-unfixed']) ?? false,
    skipDirs: door.read(FIELDS['skip-dirs']) ?? [],
    skipFiles: door.read(FIELDS['skip-files']) ?? [],
    timeoutSeconds: door.read(FIELDS['scan-timeout']) ?? 300,
    sourceSecrets: (door.read(FIELDS['source-secrets']) ?? []).map((path) => resolve(folder, path)),
    sbom: readSbom(door),
    sbomGenerator: door.read(FIELDS['sbom-generator']) ?? 'trivy',
    ...(waivers === undefined ? {} : { waivers: resolve(folder, waivers) }),
  };
}

function readSbom(door: Door): GateInputs['sbom'] {
  const formats = unique(door.read(FIELDS.sbom) ?? ['cyclonedx']);
  const alone = formats.find((format) => format === 'none' || format === 'both');
  if (alone !== undefined && formats.length > 1)
    door.refuse('sbom', `${show(alone)} cannot stand beside other formats`);
  if (alone !== undefined) return alone === 'both' ? ['cyclonedx', 'spdx'] : [];
  return formats.filter((format) => format === 'cyclonedx' || format === 'spdx');
}

export function resolveTools(door: Door, folder: string): ToolInputs {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const trivyPath = absolute(door.read(FIELDS['trivy-path']));
  const syftPath = absolute(door.read(FIELDS['syft-path']));
  const mirror = door.read(FIELDS['tools-mirror']);
  const trivyCacheDir = absolute(door.read(FIELDS['trivy-cache-dir']));
  return {
    trivyVersion: door.read(FIELDS['trivy-version']) ?? '0.69.3',
    syftVersion: door.read(FIELDS['syft-version']) ?? '1.44.0',
    checksums: door.read(FIELDS['tool-checksums']) ?? {},
    databaseRepositories: door.read(FIELDS['trivy-db-repository']) ?? [
      'ghcr.io/aquasecurity/trivy-db:2',
      'docker.io/aquasec/trivy-db:2',
    ],
    offline: door.read(FIELDS.offline) ?? false,
    ...(trivyPath === undefined ? {} : { trivyPath }),
    ...(syftPath === undefined ? {} : { syftPath }),
    ...(mirror === undefined ? {} : { mirror }),
    ...(trivyCacheDir === undefined ? {} : { trivyCacheDir }),
  };
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
