import { expect, it } from '@jest/globals';
import type { BundleFault, BundleProof } from '../../../../src/ports/sigstore.ts';
import { eitherVerifier } from '../../../../src/steps/verify/either.ts';

const GOOD: BundleProof = { ok: true, bundle: { payload: new Uint8Array(), payloadType: '' } };

/** Judges with these answers, and how often each was made and asked. */
function judges(...answers: readonly (BundleFault | 'good')[]) {
  const made: number[] = [];
  const asked: number[] = [];
  const verifier = eitherVerifier(
    answers.map((answer, index) => async () => {
      made.push(index);
      return {
        async prove() {
          asked.push(index);
          return answer === 'good' ? GOOD : { ok: false, fault: answer, message: `${index}` };
        },
      };
    }),
  );
  return { verifier, made, asked };
}

it.each<[readonly (BundleFault | 'good')[], BundleFault | 'good', number]>([
  [['good', 'good'], 'good', 1],
  [['log-proof-missing', 'good'], 'good', 2],
  [['certificate-untrusted', 'certificate-expired'], 'certificate-expired', 2],
  [['log-proof-missing', 'certificate-untrusted'], 'log-proof-missing', 2],
  [['certificate-untrusted', 'certificate-untrusted'], 'certificate-untrusted', 2],
  [['signature-invalid', 'good'], 'signature-invalid', 1],
  [['bundle-too-large', 'good'], 'bundle-too-large', 1],
  [[], 'certificate-untrusted', 0],
])('%j: %s after %i', async (answers, expected, times) => {
  const { verifier, asked } = judges(...answers);
  const proof = await verifier.prove(new Uint8Array());
  expect(proof.ok ? 'good' : proof.fault).toBe(expected);
  expect(asked).toHaveLength(times);
});

it('makes each judge once, and only when it is needed', async () => {
  const { verifier, made } = judges('log-proof-missing', 'good', 'good');
  await Promise.all([verifier.prove(new Uint8Array()), verifier.prove(new Uint8Array())]);
  await verifier.prove(new Uint8Array());
  expect(made).toEqual([0, 1]);
});
