import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of a tool that the tests cannot do without; throws when this machine does not have it. */
export function toolPath(name: string): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next folder may have it.
    }
  }
  throw new Error(`${name} is not on PATH; \`npm test\` installs it.`);
}
