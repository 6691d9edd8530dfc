import { createExec } from './adapters/exec/runner.ts';
import { removeLeftovers } from './adapters/files/leftovers.ts';
import { createLog } from './adapters/runner/log.ts';
import { readState } from './adapters/runner/state.ts';
import { removeBuilder } from './steps/build/create-builder.ts';

/** After the job: the builder that we created and the staging store go; the reports stay. Nothing here fails a job. */
async function cleanUp(): Promise<void> {
  const log = createLog();
  const builder = readState('builder');
  const temp = readState('temp');
  try {
    if (builder !== undefined) {
      await removeBuilder(builder, { exec: createExec() });
      log.info(`Removed the builder ${builder}.`);
    }
    if (temp !== undefined) await removeLeftovers(temp);
  } catch (error) {
    log.warning(`Something of this run could not be cleaned up: ${String(error)}.`);
  }
}

void cleanUp();
