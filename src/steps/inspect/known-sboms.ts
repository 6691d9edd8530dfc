import type { Digest } from '../../model/digest.ts';
import type { ImageInspection, ReportFile } from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import type { SbomFormat } from './args.ts';
import { sbomPath } from './names.ts';

/** An SBOM that an earlier run has attested to one platform. */
export type KnownSbom = { readonly kind: SbomFormat; readonly document: unknown };

/**
 * The SBOMs of an image that is not looked into again, as files under the names that a scan gives them. They are the
 * attested documents: what was left out of them for their size is not in the files.
 */
export async function writeKnownSboms(
  inspection: ImageInspection,
  known: ReadonlyMap<Digest, readonly KnownSbom[]>,
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<ImageInspection> {
  const { name } = inspection.image.planned;
  const platforms = await Promise.all(
    inspection.platforms.map(async (each) => {
      const sboms = known.get(each.descriptor.digest) ?? [];
      const written = await Promise.all(
        sboms.map(async ({ kind, document }): Promise<ReportFile> => {
          const path = sbomPath(folder, name, each.platform, kind);
          await files.write(path, JSON.stringify(document, null, 2));
          return { kind, path };
        }),
      );
      return { ...each, reports: [...each.reports, ...written] };
    }),
  );
  return { ...inspection, platforms };
}
