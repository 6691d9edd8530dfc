import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import { pythonPackage } from '../helpers/vulnerable-layout.ts';
import { asEvent } from './helpers/as-event.ts';
import { fanOutFiles, handoffsOf, type Run, runShards } from './helpers/fan-out-bench.ts';

let bench: E2eBench;

beforeAll(async () => {
  bench = await e2eBench();
});
afterAll(() => bench.dispose());

/** Runs as for a pull request that is merged with the checked-out commit. */
const pulled =
  (event: string): Run =>
  (repository, inputs = {}, more = {}) =>
    bench.run(repository, inputs, { ...asEvent(event, { sha: repository.sha }), ...more });

describe.each(['pull-request', 'pull-request-fork'])('jobs for a %s', (event) => {
  it('build and gate, and the whole set is gated; nothing leaves the runners', async () => {
    const repository = bench.checkout(fanOutFiles());
    const run = pulled(event);
    const before = bench.registry.requests.length;
    const builds = await runShards(run, repository);
    expect(builds.map(({ outputs }) => [outputs.status, outputs['error-code']])).toEqual(
      builds.map(() => ['built', '']),
    );
    const released = await run(repository, { handoff: handoffsOf(builds) });
    expect({ ...released.outputs, log: released.log.slice(-2000) }).toMatchObject({
      status: 'gated',
      'error-code': '',
      pushed: 'false',
    });
    expect(contentOf(bench.registry)).toEqual({});
    expect(writesOf(bench.registry.requests.slice(before))).toEqual([]);
  });

  it('are red where one of them finds something', async () => {
    const repository = bench.checkout({
      ...fanOutFiles(),
      ...contextOf(pythonPackage('urllib3', '1.26.0'), 'alone'),
    });
    const builds = await runShards(pulled(event), repository, { severity: 'MEDIUM' });
    expect(builds.map(({ outputs }) => outputs['error-code'])).toEqual([
      '',
      '',
      'GATE_FINDINGS',
      'GATE_FINDINGS',
    ]);
  });
});
