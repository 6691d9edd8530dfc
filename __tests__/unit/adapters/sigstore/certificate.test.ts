import { describe, expect, it } from '@jest/globals';
import { createCredentials } from '../../../../src/adapters/sigstore/certificate.ts';
import type { IssuedCertificate } from '../../../../src/adapters/sigstore/fulcio.ts';
import type { SigningKey } from '../../../../src/adapters/sigstore/signing-key.ts';

const START = Date.parse('2026-11-21T12:00:00Z');

/** A certificate of so many minutes; what is in it is nobody's business here. */
function issued(minutes: number): IssuedCertificate {
  const times = { notBefore: new Date(START), notAfter: new Date(START + minutes * 60_000) };
  return { bytes: new Uint8Array(), pem: '', ...times };
}

function credentialsOf(minutes = 10) {
  const asked: SigningKey[] = [];
  const clock = { time: 0, elapsed: () => clock.time };
  let failure: Error | undefined;
  const credentials = createCredentials(clock, async (key) => {
    asked.push(key);
    await Promise.resolve();
    if (failure !== undefined) throw failure;
    return issued(minutes);
  });
  const failWith = (error: Error | undefined) => {
    failure = error;
  };
  return { credentials, asked, clock, failWith };
}

it('all who ask at once share one request', async () => {
  const { credentials, asked } = credentialsOf();
  const all = await Promise.all(Array.from({ length: 50 }, () => credentials()));
  expect(new Set(all).size).toBe(1);
  expect(asked).toHaveLength(1);
});

it('is used until too little of it is left, and then replaced by one with another key', async () => {
  const { credentials, clock } = credentialsOf();
  const first = await credentials();
  clock.time = 8.5 * 60_000 - 1;
  expect(await credentials()).toBe(first);
  clock.time += 1;
  const second = await credentials();
  expect(second.key.publicKey).not.toBe(first.key.publicKey);
  expect(second.until).toBe(17 * 60_000);
});

it('a short life leaves something to use', async () => {
  const { credentials, asked } = credentialsOf(1);
  expect((await credentials()).until).toBe(45_000);
  await credentials();
  expect(asked).toHaveLength(1);
});

describe('one that is spent', () => {
  it('is replaced once, whoever says so', async () => {
    const { credentials, asked } = credentialsOf();
    const first = await credentials();
    const all = await Promise.all([credentials(first), credentials(first), credentials(first)]);
    expect(new Set(all).size).toBe(1);
    expect(all[0]).not.toBe(first);
    expect(await credentials(first)).toBe(all[0]);
    expect(asked).toHaveLength(2);
  });
});

it('a failure is told to all who wait, and not kept', async () => {
  const { credentials, asked, failWith } = credentialsOf();
  failWith(new Error('down'));
  const failed = await Promise.allSettled([credentials(), credentials()]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(asked).toHaveLength(1);
  failWith(undefined);
  await credentials();
  expect(asked).toHaveLength(2);
});
