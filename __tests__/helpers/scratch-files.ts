import { rm } from 'node:fs/promises';
import { createFiles } from '../../src/adapters/files/local.ts';
import type { Files } from '../../src/ports/files.ts';

/** The real disk; `clean` removes the temporary folders, as the post step does. */
export function scratchFiles(): { readonly files: Files; clean(): Promise<void> } {
  let temp: string | undefined;
  const files = createFiles({
    save: (_key, value) => {
      temp = value;
    },
  });
  return {
    files,
    clean: async () => {
      if (temp !== undefined) await rm(temp, { recursive: true, force: true });
    },
  };
}
