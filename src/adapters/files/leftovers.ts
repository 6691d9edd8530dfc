import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder in a run's temporary root that later steps of the job may still read. */
export const REPORTS = 'reports';

/** Removes what a run left in its temporary root, all but the reports. A root that is not there is fine. */
export async function removeLeftovers(root: string): Promise<void> {
  const names = await readdir(root).catch(() => []);
  const gone = names.filter((name) => name !== REPORTS);
  await Promise.all(gone.map((name) => rm(join(root, name), { recursive: true, force: true })));
}
