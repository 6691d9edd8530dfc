import { expect, it } from '@jest/globals';
import { ReleaseError } from '../../../../src/model/errors.ts';
import { attestDrafts } from '../../../../src/steps/attest/run.ts';
import { aBuiltImage, aPlannedImage, aTaggedImage } from '../../../helpers/a-release.ts';
import { aSigned, CREATED } from '../../../helpers/a-signed.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { fakeGitHub } from '../../../helpers/fake-ports.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';
import { fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const app = aTaggedImage(aBuiltImage(aPlannedImage('app')));
const DRAFTS = Array.from({ length: 40 }, () => aSigned({ image: 'app', subject: app.descriptor.digest }));

function bench(failsAt = Number.POSITIVE_INFINITY) {
  const calls = { begun: 0, running: 0, most: 0 };
  const signer = {
    async sign() {
      calls.begun += 1;
      const own = calls.begun;
      calls.running += 1;
      calls.most = Math.max(calls.most, calls.running);
      await new Promise((done) => setImmediate(done));
      calls.running -= 1;
      if (own >= failsAt) throw new ReleaseError('SIGSTORE_UNAVAILABLE', `down at ${own}`);
      return { bundle: aSigned().bundle };
    },
  };
  const store = {
    stores: ['file', 'registry'],
    folder: '/reports',
    repository: 'a/b',
    created: CREATED,
  } as const;
  const clock = { now: () => CREATED, elapsed: () => 0, sleep: async () => undefined };
  const ports = {
    clock,
    github: fakeGitHub(),
    registry: fakeRegistry(),
    files: memoryFiles(),
    log: fakeLog(),
  };
  const attest = () => attestDrafts(DRAFTS, { images: [app], store, signer }, ports);
  return { attest, calls, files: ports.files };
}

it('signs all, in their order, eight at once', async () => {
  const { attest, calls } = bench();
  expect(await attest()).toHaveLength(DRAFTS.length);
  expect(calls).toEqual({ begun: DRAFTS.length, running: 0, most: 8 });
});

it('signs nothing more after the first failure, which is told after those that were begun have ended', async () => {
  const { attest, calls, files } = bench(10);
  await expect(attest()).rejects.toMatchObject({ code: 'SIGSTORE_UNAVAILABLE', message: 'down at 10' });
  expect(calls.begun).toBeLessThan(10 + 8);
  expect(calls.running).toBe(0);
  expect(files.tree.size).toBe(9);
});
