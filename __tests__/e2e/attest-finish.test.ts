import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf, contextOf, TAG, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { type ActionRun, type RunOptions, runAction } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import type { SigstoreFault } from '../helpers/sigstore/faults.ts';
import {
  type AttestBench,
  attestBench,
  bundlesOf,
  commandsIn,
  inShell,
  recordOf,
  refusedByCosign,
} from './helpers/attest-bench.ts';
import { elsewhere } from './helpers/family.ts';
import { atLine } from './helpers/interrupt.ts';

const KINDS = ['signature', 'provenance', 'cyclonedx', 'scan'] as const;
/** One image with a platform. */
const ATTESTATIONS = KINDS.length;

let bench: AttestBench;
let checkout: GitRepository;
let tests = 0;
/** One registry for all; each test has a part of it to itself. */
let namespace: string;

beforeAll(async () => {
  bench = await attestBench({}, { issuer: 'own' });
  checkout = bench.e2e.checkout(contextOf({ 'etc/app': 'app' }));
});
afterAll(() => bench.dispose());
beforeEach(() => {
  tests += 1;
  namespace = `team-${tests}`;
});
afterEach(() => bench.heal());

const release = (repository = checkout, more: Partial<RunOptions> = {}): Promise<ActionRun> =>
  bench.release(repository, { namespace, image: 'app', attest: 'true', ...more.inputs }, more);

/** Another run, on a machine without a checkout, started for the same tag. */
function finish(record: string, more: Partial<RunOptions> = {}): Promise<ActionRun> {
  const { registry, trivyCache } = bench.e2e;
  const inputs = { registry: registry.host, 'trivy-cache-dir': trivyCache, ...bench.instance };
  return runAction({
    workspace: bench.e2e.folder('empty'),
    sha: checkout.sha,
    ref: `refs/tags/${TAG}`,
    temp: bench.e2e.folder('runner'),
    ...more,
    inputs: { command: 'attest', record, ...inputs, ...more.inputs },
    env: { ...bench.oidc.env, ...more.env },
  });
}

/** The folder of a run's reports as another job has downloaded it. */
function downloaded({ outputs }: Pick<ActionRun, 'outputs'>): string {
  const folder = mkdtempSync(join(bench.e2e.root, 'artifact-'));
  cpSync(dirname(outputs.record ?? ''), folder, { recursive: true });
  return join(folder, 'release.json');
}

const errorsOf = ({ log }: ActionRun) => annotationsOf(log).filter(({ level }) => level === 'error');
const tagsSet = () =>
  Object.entries(contentOf(bench.e2e.registry))
    .filter(([name]) => name.startsWith(`${namespace}/`))
    .flatMap(([, { tags }]) => Object.keys(tags));
const kindsOf = (run: ActionRun) => (recordOf(run).attestations ?? []).map(({ kind }) => kind).sort();
const keptIn = (record: string): readonly string[] => {
  const folder = join(dirname(record), 'statements');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** Nobody of Sigstore does any work; what is asked is refused at once, so that the test need not wait. */
const DOWN: readonly SigstoreFault[] = (['fulcio', 'rekor', 'tsa'] as const).map((service) => ({
  service,
  status: 501,
}));

describe('Sigstore is wholly down while a release signs', () => {
  it('the release ends red and says how it is finished; later `attest` signs what it has said, and a re-run sets the tags', async () => {
    for (const fault of DOWN) bench.sigstore.fail(fault);
    const red = await release();
    expect(red.exitCode).toBe(1);
    expect(red.outputs).toMatchObject({ status: 'failed', 'error-code': 'SIGSTORE_UNAVAILABLE', tags: '' });
    expect(errorsOf(red)[0]?.text).toMatch(/folder of release\.json.*`command: attest` with `record`/s);
    expect(tagsSet()).toEqual([]);
    const record = downloaded(red);
    expect(keptIn(record)).toHaveLength(ATTESTATIONS + 2);
    expect(JSON.parse(readFileSync(record, 'utf8')).statements).toMatchObject({ count: ATTESTATIONS });

    bench.heal();
    bench.oidc.setClaims({ run_id: '5151', event_name: 'workflow_dispatch' });
    const run = await finish(record);
    bench.oidc.setClaims({ run_id: '4242', event_name: 'push' });
    expect({ status: run.outputs.status, errors: errorsOf(run) }).toEqual({ status: 'attested', errors: [] });
    expect(kindsOf(run)).toEqual([...KINDS].sort());
    expect(await refusedByCosign(bench, run, KINDS)).toEqual([]);
    for (const line of commandsIn(run, 'cosign')) expect(await inShell(bench, line)).toBe('green');
    // Signed is what the building run has said, to the byte.
    const listed = JSON.parse(readFileSync(join(dirname(record), 'statements/list.json'), 'utf8')).statements;
    for (const { payload, attestation, statement } of bundlesOf(run)) {
      const { digest } = listed.find(({ kind }: { kind: string }) => kind === attestation.kind);
      expect(readFileSync(join(dirname(record), `statements/${digest.slice(7)}.json`), 'utf8')).toBe(payload);
      if (attestation.kind === 'provenance')
        expect(statement.predicate.runDetails.metadata.invocationId).toMatch(/\/runs\/4242\/attempts\/1$/);
    }
    expect(tagsSet()).toEqual([]);

    const size = bench.sigstore.logSize;
    const again = await release(elsewhere(bench.e2e, checkout));
    expect({ status: again.outputs.status, errors: errorsOf(again) }).toEqual({
      status: 'released',
      errors: [],
    });
    expect(again.outputs.digest).toBe(red.outputs.digest);
    expect(tagsSet()).toEqual(['1.2.3', `sha-${checkout.sha}`]);
    expect(kindsOf(again)).toEqual([]);
    expect(bench.sigstore.logSize).toBe(size);
  });
});
