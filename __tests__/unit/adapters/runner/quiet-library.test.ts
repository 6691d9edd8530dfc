import { describe, expect, it } from '@jest/globals';
import { createQuietly } from '../../../../src/adapters/runner/quiet-library.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

describe('a library that prints by itself', () => {
  it.each([
    ['::debug::Body: %25%0Anext\n', ['debug: Body: %\nnext']],
    ['Uploaded bytes 7\n', ['debug: Uploaded bytes 7']],
    ['::warning file=a.ts,line=1::slow\n', ['The service says: slow']],
    ['::error::it broke\n', ['The service says: it broke']],
    [
      'Attempt 1 of 5 failed with error: status 503. Retrying request in 3000 ms...\n',
      ['The service says: Attempt 1 of 5 failed with error: status 503. Retrying request in 3000 ms...'],
    ],
    ['::set-output name=digest::sha256:0\n', ['debug: sha256:0']],
    ['one\r\ntwo\n', ['debug: one', 'debug: two']],
  ])('%j goes by our log', async (printed, lines) => {
    const log = fakeLog();
    const result = await createQuietly(log)('The service', async () => {
      process.stdout.write(printed);
      return 'result';
    });
    expect(result).toBe('result');
    expect(log.lines).toEqual(lines);
  });

  it('has its masks set, and its lines again when it fails', async () => {
    const log = fakeLog();
    const write = process.stdout.write;
    const failing = createQuietly(log)('The service', async () => {
      process.stdout.write('::add-mask::secret%25\n');
      throw new Error('status 500');
    });
    await expect(failing).rejects.toThrow('status 500');
    expect(log.masked).toEqual(['secret%']);
    expect(process.stdout.write).toBe(write);
  });
});
