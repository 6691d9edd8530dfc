import type { BuiltImage } from '../../src/model/image.ts';
import type { Ports } from '../../src/ports/index.ts';
import { createInspector, type Inspected, type ScanRequest } from '../../src/steps/inspect/run.ts';

/** All images at once, as where nothing is built. */
export function inspectImages(
  images: readonly BuiltImage[],
  request: ScanRequest,
  ports: Pick<Ports, 'exec' | 'files' | 'log'>,
): Promise<Inspected> {
  return createInspector(Promise.resolve(request), ports).finish(images);
}
