import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contextOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import {
  type AttestBench,
  attestBench,
  bundlesOf,
  commandsIn,
  inShell,
  inTurns,
  refusedByCosign,
} from './helpers/attest-bench.ts';

const KINDS = ['signature', 'provenance', 'cyclonedx', 'scan'] as const;

let bench: AttestBench;
let checkout: GitRepository;

beforeAll(async () => {
  bench = await attestBench();
  checkout = bench.e2e.checkout(contextOf({ 'etc/motd': 'instances\n' }));
});
afterAll(() => bench.dispose());

describe.each([
  ['a log alone', { tsa: false }, []],
  ['a log of tiles (Rekor v2) and timestamps', { rekor: 'v2' }, []],
  ['timestamps alone', { rekor: false }, ['--insecure-ignore-tlog', '--use-signed-timestamps']],
] as const)('a private instance with %s', (name, services, flags) => {
  it('gives evidence that cosign accepts, also by the commands of the summary', async () => {
    const config = join(bench.e2e.root, 'other-config.json');
    writeFileSync(config, bench.sigstore.signingConfig(services));
    const image = name.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '');
    // Who has no log names none in the root either: else evidence without an entry is refused.
    const root = join(bench.cosign.folder, 'trusted-root.json');
    const { tlogs, ...trusted } = JSON.parse(bench.sigstore.trustedRoot);
    const hasLog = !('rekor' in services) || services.rekor !== false;
    writeFileSync(root, JSON.stringify({ ...trusted, tlogs: hasLog ? tlogs : [] }));
    const inputs = { image, 'sigstore-signing-config': config, 'sigstore-trusted-root': root };
    const run = await bench.release(checkout, inputs);
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    for (const { bundle } of bundlesOf(run)) {
      const { tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
      expect({ log: tlogEntries !== undefined, time: timestampVerificationData !== undefined }).toEqual({
        log: hasLog,
        time: !('tsa' in services),
      });
    }
    const own = [...bench.cosign.identity(), ...flags];
    expect(await refusedByCosign(bench, run, KINDS, ...own)).toEqual([]);
    const lines = commandsIn(run, 'cosign');
    expect(lines).toHaveLength(KINDS.length);
    expect(await inTurns(lines, (line) => inShell(bench, line))).toEqual(lines.map(() => 'green'));
  });
});
