import type { InputSpec } from './input-spec.ts';

/** Inputs of the gate; all of them may also stand under `gate:` in the config file, unless `config` is false. */
export const GATE_INPUTS = {
  scanners: { description: 'What the gate looks for: `vuln`, `secret`. Default: `vuln,secret`.' },
  severity: {
    description:
      'Severities that stop a release, of `UNKNOWN`, `LOW`, `MEDIUM`, `HIGH`, `CRITICAL`. Default: `HIGH,CRITICAL`.',
  },
  'ignore-unfixed': {
    description: '`true` lets vulnerabilities without a fixed version pass. Default: `false`.',
  },
  waivers: {
    description:
      'File of dated, reasoned exceptions in the shape of `.trivyignore.yaml`, such as `security/waivers.yml`. Default: none.',
  },
  'skip-dirs': {
    description:
      'Folders of the image that are not scanned, such as `usr/share/doc,**/testdata`. Default: none.',
  },
  'skip-files': {
    description: 'Files of the image that are not scanned, such as `**/package-lock.json`. Default: none.',
  },
  'scan-timeout': {
    description: 'Time for one scan, such as `5m0s`, `10m` or `300s`. Default: `5m0s`.',
  },
  'source-secrets': {
    description: 'Folders that are scanned for secrets before the build, such as `.`. Default: none.',
  },
  sbom: {
    description: 'Formats of the SBOMs: `cyclonedx`, `spdx`, `both` or `none`. Default: `cyclonedx`.',
  },
  'sbom-generator': { description: 'Tool that makes the SBOMs: `trivy` or `syft`. Default: `trivy`.' },
} as const satisfies Record<string, InputSpec>;

export const TOOL_INPUTS = {
  'trivy-version': {
    description: 'Version of Trivy that is downloaded when none is there. Default: `0.69.3`.',
  },
  'trivy-path': {
    config: false,
    description: 'Path of a Trivy that is there. Default: the one on PATH, else in the tool cache.',
  },
  'syft-version': {
    description: 'Version of Syft that is downloaded when it is needed and not there. Default: `1.44.0`.',
  },
  'syft-path': {
    config: false,
    description: 'Path of a Syft that is there. Default: the one on PATH, else in the tool cache.',
  },
  'tools-mirror': {
    description:
      "Base URL for tool downloads in place of the vendors' release pages, such as `https://mirror.example.com/tools`. Default: none.",
  },
  'tool-checksums': {
    description:
      'SHA-256 of tool downloads, one `file sha256` a line. Default: compiled-in values; for other versions those of the checksums file that the release workflow of the vendor has signed.',
  },
  'trivy-db-repository': {
    description:
      'OCI repositories of the vulnerability database, tried in order. Default: `ghcr.io/aquasecurity/trivy-db:2,docker.io/aquasec/trivy-db:2`.',
  },
  'trivy-cache-dir': {
    description:
      'Prepared cache folder of Trivy that holds a database, such as `/opt/trivy`. Default: a folder of this run.',
  },
  offline: {
    description:
      '`true` speaks to nothing but the registry: tools and database must be there. Default: `false`.',
  },
} as const satisfies Record<string, InputSpec>;
