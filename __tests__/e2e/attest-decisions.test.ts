import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import { contextOf, VERSION, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { asEvent } from './helpers/as-event.ts';
import { type AttestBench, attestBench, recordOf, refusedByCosign } from './helpers/attest-bench.ts';
import { judge } from './helpers/judges.ts';

const KINDS = ['signature', 'provenance', 'cyclonedx', 'scan'] as const;

let bench: AttestBench;
let checkout: GitRepository;
let tests = 0;
/** One registry for all; each test has an image of its own there. */
let image: string;
let since: { readonly requests: number; readonly sigstore: number };

beforeAll(async () => {
  bench = await attestBench();
  checkout = bench.e2e.checkout(contextOf({ 'etc/motd': 'decisions\n' }));
});
afterAll(() => bench.dispose());
beforeEach(() => {
  tests += 1;
  image = `app-${tests}`;
  mark();
});
afterEach(() => bench.heal());

/** What is written and signed counts from here. */
function mark(): void {
  since = { requests: bench.e2e.registry.requests.length, sigstore: bench.sigstore.requests.length };
}

type Inputs = Readonly<Record<string, string>>;

const WITHOUT_TOKEN = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
const release = (inputs: Inputs = {}, more = {}, repository = checkout): Promise<ActionRun> =>
  bench.release(repository, { image, ...inputs }, more);
const annotations = ({ log }: ActionRun) => annotationsOf(log);
const errorsOf = (run: ActionRun) => annotations(run).filter(({ level }) => level === 'error');
const writes = () => writesOf(bench.e2e.registry.requests.slice(since.requests));
const signed = () => bench.sigstore.requests.length - since.sigstore;
const refOf = (tag = VERSION) => `${bench.e2e.registry.host}/acme/${image}:${tag}`;

function expectGreen(run: ActionRun, status = 'released'): void {
  expect({ status: run.outputs.status, errors: errorsOf(run) }).toEqual({ status, errors: [] });
}

/** Red before anything was built, written or signed. */
function expectTurnedAway(run: ActionRun, code: string, text: RegExp): void {
  expect(run.exitCode).toBe(1);
  expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': code, pushed: 'false', tags: '' });
  expect(errorsOf(run)).toMatchObject([{ title: code, text: expect.stringMatching(text) }]);
  expect(run.log).not.toMatch(/::group::Build|\] COPY/);
  expect(writes()).toEqual([]);
  expect(signed()).toBe(0);
}

describe('a job that may not ask for a token', () => {
  it('releases without attestations, and says so once', async () => {
    const run = await release({}, { env: WITHOUT_TOKEN });
    expectGreen(run);
    expect(annotations(run)).toEqual([]);
    expect(run.summary.match(/^No attestations: .*$/gm)).toEqual([
      expect.stringContaining('permissions: id-token: write'),
    ]);
    expect(run.outputs).toMatchObject({ 'attestation-urls': '', 'bundle-path': '' });
    expect(recordOf(run).attestations).toBeNull();
    expect(signed()).toBe(0);
    const found = await judge('oras', 'discover', '--plain-http', '--format', 'json', refOf());
    expect(JSON.parse(found).referrers).toEqual([]);
  });

  it('is red with `attest: true`, before anything is built or written', async () => {
    const run = await release({ attest: 'true' }, { env: WITHOUT_TOKEN });
    expectTurnedAway(run, 'OIDC_MISSING', /`attest: true` needs an OIDC token/);
    expect(errorsOf(run)[0]?.text).toContain('id-token: write');
  });

  it('is red when the token service turns it away', async () => {
    bench.oidc.failWith(403);
    expectTurnedAway(await release(), 'OIDC_MISSING', /token service refused this job/);
  });
});

describe('a job with a token', () => {
  it('signs without being asked', async () => {
    const run = await release();
    expectGreen(run);
    expect(await refusedByCosign(bench, run, KINDS)).toEqual([]);
  });

  it('signs nothing with `attest: false`', async () => {
    const run = await release({ attest: 'false' });
    expectGreen(run);
    expect([signed(), bench.oidc.requests.length]).toEqual([0, expect.any(Number)]);
    expect(run.summary).toMatch(/^No attestations: .*attest: false/m);
  });

  it('for another commit than the one that is checked out is red before anything is built', async () => {
    bench.oidc.setClaims({ sha: 'f'.repeat(40) });
    const { oidc, e2e, instance } = bench;
    const run = await e2e.run(checkout, { image, ...instance }, { env: oidc.env });
    expectTurnedAway(run, 'COMMIT_MISMATCH', new RegExp(`f{40}.*${checkout.sha}`));
  });

  it('in a dry run signs nothing', async () => {
    const run = await release({ 'dry-run': 'true', attest: 'true' });
    expectGreen(run, 'planned');
    expect(signed()).toBe(0);
    expect(writes()).toEqual([]);
  });
});

describe('a pull request', () => {
  const on = (name: string, inputs: Inputs = {}) => release(inputs, asEvent(name, checkout));

  it.each(['pull-request', 'pull-request-fork'])('is not attested, and green: %s', async (name) => {
    const { env, ...event } = asEvent(name, checkout);
    const run = await release({}, { ...event, env: { ...env, ...bench.oidc.env } });
    expectGreen(run, 'gated');
    expect(writes()).toEqual([]);
    expect(signed()).toBe(0);
  });

  it('that is pushed is not attested either, and says so', async () => {
    const run = await on('pull-request', { 'pull-request': 'push' });
    expectGreen(run);
    expect(signed()).toBe(0);
    expect(run.summary).toMatch(/^No attestations: a pull request is not attested/m);
  });
});

describe('an image that is there already', () => {
  it('without evidence is built again: equal, it is left as it is, and has evidence now', async () => {
    const first = await release({ attest: 'false' });
    expectGreen(first);
    mark();
    const again = await release();
    expectGreen(again, 'unchanged');
    expect(again.outputs.digest).toBe(first.outputs.digest);
    expect(recordOf(again).images).toMatchObject([{ origin: 'built' }]);
    expect(again.log).toMatch(/is there as sha256:[0-9a-f]{64}, without proof/);
    expect(await refusedByCosign(bench, again, KINDS)).toEqual([]);
    expect(writes().filter((line) => /\/manifests\/(?!sha256:)/.test(line))).toEqual([]);

    const third = await release();
    expectGreen(third, 'unchanged');
    expect(recordOf(third).images).toMatchObject([{ origin: 'adopted' }]);
  });

  it('with evidence of another workflow is built again', async () => {
    const other = 'Acme/Modules/.github/workflows/other.yml@refs/tags/v1.2.3';
    bench.oidc.setClaims({ workflow_ref: other, job_workflow_ref: other });
    const first = await release();
    const own = other.replace('other.yml', 'release.yml');
    bench.oidc.setClaims({ workflow_ref: own, job_workflow_ref: own });
    expectGreen(first);
    expect(await refusedByCosign(bench, first, ['signature'])).not.toEqual([]);
    const again = await release();
    expectGreen(again, 'unchanged');
    expect(recordOf(again).images).toMatchObject([{ origin: 'built' }]);
    expect(await refusedByCosign(bench, again, KINDS)).toEqual([]);
  });

  it('with other bytes and the same annotations is refused, neither signed nor moved', async () => {
    const first = await release({ attest: 'false' });
    expectGreen(first);
    await judge('crane', 'mutate', '--label', 'planted=yes', '--tag', refOf(), refOf());
    const planted = await judge('crane', 'digest', refOf());
    expect(planted).not.toBe(first.outputs.digest);
    const { annotations: kept = {} } = JSON.parse(await judge('crane', 'manifest', refOf()));
    expect(kept).toMatchObject({ 'org.opencontainers.image.revision': checkout.sha });
    // Without attestations the annotations decide, as they always did.
    expect((await release({ attest: 'false' })).outputs.digest).toBe(planted);

    mark();
    const run = await release();
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'TAG_IMMUTABLE',
      pushed: 'false',
    });
    const [error] = errorsOf(run);
    expect(error?.text).toContain(`@${planted} has no proof that this workflow built it`);
    expect(error?.text).toContain(first.outputs.digest);
    expect(error?.text).toMatch(/Release a new version\..*`attest: false`/);
    expect(writes()).toEqual([]);
    expect(signed()).toBe(0);
    expect(await judge('crane', 'digest', refOf())).toBe(planted);
  });

  it('with other bytes under the evidence of the right ones is refused too', async () => {
    const first = await release();
    expectGreen(first);
    await judge('crane', 'mutate', '--label', 'planted=yes', '--tag', refOf(), refOf());
    const planted = await judge('crane', 'digest', refOf());
    for (const { referrers } of recordOf(first).attestations ?? []) {
      const referrer = JSON.parse(await judge('crane', 'manifest', referrers[0] ?? ''));
      const size = (await judge('crane', 'manifest', refOf())).length;
      const body = JSON.stringify({ ...referrer, subject: { ...referrer.subject, digest: planted, size } });
      const url = `http://${bench.e2e.registry.host}/v2/acme/${image}/manifests/${digestOf(body)}`;
      const headers = { 'content-type': referrer.mediaType };
      expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(201);
    }
    const found = await judge('oras', 'discover', '--plain-http', '--format', 'json', refOf());
    expect(JSON.parse(found).referrers).toHaveLength(KINDS.length);

    mark();
    const run = await release();
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'TAG_IMMUTABLE', pushed: 'false' });
    expect(errorsOf(run)[0]?.text).toContain(`@${planted} has no proof that this workflow built it`);
    expect(writes()).toEqual([]);
    expect(signed()).toBe(0);
  });

  it('at one registry with its evidence comes to a second one with evidence too', async () => {
    const second = await startRegistry();
    try {
      const first = await release();
      expectGreen(first);
      const both = await release({ registry: `${bench.e2e.registry.host},${second.host}` });
      expectGreen(both);
      expect(both.outputs.digest).toBe(first.outputs.digest);
      expect(await refusedByCosign(bench, both, KINDS)).toEqual([]);
    } finally {
      await second.stop();
    }
  });
});
