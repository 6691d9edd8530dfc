import type { RunContext } from '../model/context.ts';
import type { Inputs } from '../model/inputs.ts';
import { tagOf } from './event.ts';
import { readVersionTag } from './version-tag.ts';

/**
 * What stands in place of the star of the tag's prefix, where it can name a module: the one image has no context and no
 * Dockerfile of its own choice, and manifest.json counts.
 */
export function moduleOfTag({ build, version }: Inputs, context: RunContext): string | undefined {
  const { definition } = build;
  const text = version.version ?? tagOf(context);
  if (version.manifest === 'false' || definition.kind === 'bake-file' || text === undefined) return undefined;
  const [image, other] = definition.images;
  if (image === undefined || other !== undefined || image.name !== undefined) return undefined;
  if (image.from !== undefined || image.file !== undefined || image.context !== '.') return undefined;
  const reading = readVersionTag(text, version.tagPrefix);
  return 'version' in reading ? reading.image : undefined;
}
