import { createLicenses } from '../../src/adapters/licenses/spdx.ts';
import type { BuiltImage } from '../../src/model/image.ts';
import type { Ports } from '../../src/ports/index.ts';
import { createInspector, type Inspected, type ScanRequest } from '../../src/steps/inspect/run.ts';

/** All images at once, with their SBOMs, as where nothing is built. */
export async function inspectImages(
  images: readonly BuiltImage[],
  request: ScanRequest,
  ports: Pick<Ports, 'exec' | 'files' | 'log'>,
): Promise<Inspected> {
  const inspector = createInspector(Promise.resolve(request), { ...ports, licenses: createLicenses() });
  const found = await inspector.scan(images);
  return { ...found, inspections: await inspector.complete(found.inspections) };
}
