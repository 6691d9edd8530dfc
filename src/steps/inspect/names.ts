import { join } from 'node:path';
import { type Platform, platformSlug } from '../../model/descriptor.ts';
import type { SbomFormat } from './args.ts';

/** `app-linux-amd64.trivy.json` in the reports folder. */
export function scanReportPath(folder: string, image: string, platform: Platform): string {
  return join(folder, `${image}-${platformSlug(platform)}.trivy.json`);
}

const ENDINGS = { cyclonedx: 'cdx.json', spdx: 'spdx.json' } as const;

/** `sbom-app-amd64.cdx.json`, `sbom-app-arm-v7.spdx.json`; other systems than Linux keep their name. */
export function sbomPath(folder: string, image: string, platform: Platform, format: SbomFormat): string {
  const slug = platformSlug(platform).replace(/^linux-/, '');
  return join(folder, `sbom-${image}-${slug}.${ENDINGS[format]}`);
}
