import { ReleaseError } from '../model/errors.ts';
import type { Ports } from '../ports/index.ts';
import type { Progress } from './progress.ts';
import type { Start } from './start.ts';

/** One shard of a fan-out. */
export async function build(_start: Start, _progress: Progress, _ports: Ports): Promise<void> {
  throw new ReleaseError('INTERNAL', 'being written');
}
