import { describe, expect, it } from '@jest/globals';
import { maskSecretFiles } from '../../../../src/steps/survey/run.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

describe('files of build secrets', () => {
  it('are hidden, each once; what is not there or too large is left to bake', async () => {
    const files = memoryFiles({ '/ws/.npmrc': 'token\n', '/ws/large': 'x'.repeat(65 * 1024) });
    const log = fakeLog();
    await maskSecretFiles(['/ws/.npmrc', '/ws/none', '/ws/large', '/ws/.npmrc'], { files, log });
    expect(log.masked).toEqual(['token\n']);
  });

  it('that cannot be read are left to bake', async () => {
    const files = {
      ...memoryFiles({ '/ws/a': 'token' }),
      readText: () => Promise.reject(new Error('EACCES')),
    };
    await expect(maskSecretFiles(['/ws/a'], { files, log: fakeLog() })).resolves.toBeUndefined();
  });
});
