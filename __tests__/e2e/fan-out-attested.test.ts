import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { type AttestBench, attestBench, recordOf } from './helpers/attest-bench.ts';
import { fanOutFiles, handoffsOf, PLATFORMS, runShards, tagsAt } from './helpers/fan-out-bench.ts';

let bench: AttestBench;
let repository: GitRepository;
let builds: readonly ActionRun[];

beforeAll(async () => {
  bench = await attestBench();
  repository = bench.e2e.checkout(fanOutFiles());
  builds = await runShards(bench.release, repository);
});
afterAll(() => bench.dispose());

const pathsIn = (run: ActionRun, ...more: readonly string[]) => join(run.outputs.handoff ?? '', ...more);

/** The same handoffs with one of them changed for a while. */
async function releaseWith(change: (folder: string) => () => void): Promise<ActionRun> {
  const undo = change(pathsIn(builds[0]!));
  try {
    return await bench.release(repository, { handoff: handoffsOf(builds) });
  } finally {
    undo();
  }
}

function replaceFile(path: string, change: (text: string) => string): () => void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, change(text));
  return () => writeFileSync(path, text);
}

describe('handoffs that are attested', () => {
  it('are signed by each job, and only then', () => {
    expect(builds.map(({ outputs }) => outputs.status)).toEqual(['built', 'built', 'built', 'built']);
    for (const run of builds) expect(existsSync(pathsIn(run, 'handoff.sigstore.json'))).toBe(true);
    expect(tagsAt(bench.e2e)).toEqual([]);
  });

  it('are refused when one byte of them, of a report or of the signature was changed', async () => {
    const document = await releaseWith((folder) =>
      replaceFile(join(folder, 'handoff.json'), (text) => text.replace('"shard": "under', '"shard": "ander')),
    );
    const report = await releaseWith((folder) => {
      const { images } = JSON.parse(readFileSync(join(folder, 'handoff.json'), 'utf8'));
      const [{ file }] = images[0].platforms[0].reports;
      return replaceFile(join(folder, 'reports', file), (text) =>
        text.replace('SchemaVersion', 'SchemaVersio1'),
      );
    });
    const signature = await releaseWith((folder) =>
      replaceFile(join(folder, 'handoff.sigstore.json'), (text) => {
        const bundle = JSON.parse(text);
        const { sig } = bundle.dsseEnvelope.signatures[0];
        bundle.dsseEnvelope.signatures[0].sig = `${sig.slice(0, 20)}${sig[20] === 'A' ? 'B' : 'A'}${sig.slice(21)}`;
        return JSON.stringify(bundle);
      }),
    );
    for (const run of [document, report, signature])
      expect({ ...run.outputs, log: run.log }).toMatchObject({ 'error-code': 'HANDOFF_INVALID' });
    expect(tagsAt(bench.e2e)).toEqual([]);
  });

  it('spare the scans, and their images get the provenance of the run', async () => {
    const run = await bench.release(repository, { handoff: handoffsOf(builds) });
    expect({ ...run.outputs, log: run.log }).toMatchObject({ status: 'released', 'error-code': '' });
    expect(run.log).not.toContain('is looked into again');
    expect(run.log).not.toMatch(/trivy.* image /);
    const { attestations, images } = recordOf(run);
    expect(images.map(({ origin }) => origin)).toEqual(['built', 'built', 'built']);
    for (const { name } of images)
      for (const platform of PLATFORMS) {
        const kinds = attestations?.filter((each) => each.image === name && each.platform === platform);
        expect(kinds?.map(({ kind }) => kind)).toEqual(
          expect.arrayContaining(['provenance', 'cyclonedx', 'scan', 'signature']),
        );
      }
    const sboms = (run.outputs['sbom-path'] ?? '').split('\n');
    expect(sboms).toHaveLength(6);
    for (const path of sboms) expect(existsSync(path)).toBe(true);
    const verified = await bench.release(repository, {
      command: 'verify',
      'sigstore-signing-config': '',
      'trivy-cache-dir': '',
    });
    expect({ ...verified.outputs, log: verified.log }).toMatchObject({ status: 'verified' });
  });
});

describe('a handoff whose signature was taken away', () => {
  it('is good for its digests alone: all is looked into again, and gets no provenance', async () => {
    const fresh = bench.e2e.checkout({ ...fanOutFiles(), 'alone/own': 'of its own\n' });
    const shards = await runShards(bench.release, fresh, { namespace: 'stripped' });
    for (const run of shards) rmSync(pathsIn(run, 'handoff.sigstore.json'));
    const run = await bench.release(fresh, { handoff: handoffsOf(shards), namespace: 'stripped' });
    expect({ ...run.outputs, log: run.log }).toMatchObject({ status: 'released', 'error-code': '' });
    expect(run.log).toContain('is looked into again');
    const { attestations, images } = recordOf(run);
    expect(images.map(({ origin }) => origin)).toEqual(['brought', 'brought', 'brought']);
    expect(attestations?.map(({ kind }) => kind)).not.toContain('provenance');
    expect(attestations?.map(({ kind }) => kind)).toContain('signature');
  });
});

describe('`from: handoff:…`', () => {
  it('promotes what a job has handed over, once it is released; never a part of an image', async () => {
    const fresh = bench.e2e.checkout({ ...fanOutFiles(), 'alone/own': 'to be promoted\n' });
    const inputs = { namespace: 'promoted' };
    const shards = await runShards(bench.release, fresh, inputs);
    const whole = await bench.release(fresh, { ...inputs, command: 'build', handoff: handoffsOf(shards) });
    const promote = (folder: string) =>
      bench.release(fresh, {
        ...inputs,
        command: 'promote',
        channel: 'stable',
        from: `handoff:${folder}`,
        'trivy-cache-dir': '',
      });
    const early = await promote(pathsIn(whole));
    expect({ ...early.outputs, log: early.log }).toMatchObject({ 'error-code': 'VERIFY_FAILED' });
    const part = await promote(pathsIn(shards[0]!));
    expect({ ...part.outputs, log: part.log }).toMatchObject({ 'error-code': 'HANDOFF_INCOMPLETE' });

    const released = await bench.release(fresh, { ...inputs, handoff: handoffsOf(shards) });
    expect({ ...released.outputs, log: released.log }).toMatchObject({ digests: whole.outputs.digests });
    const promoted = await promote(pathsIn(whole));
    expect({ ...promoted.outputs, log: promoted.log }).toMatchObject({
      status: 'promoted',
      digests: whole.outputs.digests,
    });
  });
});
