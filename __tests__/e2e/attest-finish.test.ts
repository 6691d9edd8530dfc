import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf } from '../helpers/e2e-bench.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { type ActionRun, parseFileCommands } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import type { SigstoreFault } from '../helpers/sigstore/faults.ts';
import {
  bundlesOf,
  commandsIn,
  inShell,
  recordOf,
  refusedByCosign,
  subjectsOf,
} from './helpers/attest-bench.ts';
import { elsewhere } from './helpers/family.ts';
import { DOWN, type FinishBench, finishBench, KINDS, keptIn, readKept } from './helpers/finish-bench.ts';
import { atLine } from './helpers/interrupt.ts';

/** Index: provenance and signature; each of two platforms: those and an SBOM. A scan is made by the run that signs. */
const KEPT = 2 + 2 * 3;

let bench: FinishBench;
let tests = 0;
/** One registry for all; each test has a part of it to itself. */
let namespace: string;

beforeAll(async () => {
  bench = await finishBench();
});
afterAll(() => bench.dispose());
beforeEach(() => {
  tests += 1;
  namespace = `team-${tests}`;
});
afterEach(() => bench.heal());

const errorsOf = ({ log }: ActionRun) => annotationsOf(log).filter(({ level }) => level === 'error');
const endOf = (run: ActionRun) => ({ status: run.outputs.status, errors: errorsOf(run) });
const tagsSet = () =>
  Object.entries(contentOf(bench.e2e.registry))
    .filter(([name]) => name.startsWith(`${namespace}/`))
    .flatMap(([, { tags }]) => Object.keys(tags));
const kindsOf = (run: ActionRun) =>
  [...new Set((recordOf(run).attestations ?? []).map(({ kind }) => kind))].sort();
const digestsOf = (run: ActionRun) => recordOf(run).images.map(({ digest }) => digest);

/** All that a release says, accepted by the strictest reader; the release itself then only sets its tags. */
async function expectFinished(finished: ActionRun): Promise<void> {
  expect(endOf(finished)).toEqual({ status: 'attested', errors: [] });
  expect(await refusedByCosign(bench, finished, KINDS)).toEqual([]);
  expect(tagsSet()).toEqual([]);
  const size = bench.sigstore.logSize;
  const again = await bench.releaseInto(namespace, {}, elsewhere(bench.e2e, bench.modules));
  expect(endOf(again)).toEqual({ status: 'released', errors: [] });
  expect(digestsOf(again)).toEqual(digestsOf(finished));
  expect(tagsSet()).toEqual(['1.2.3', `sha-${bench.modules.sha}`]);
  expect(bench.sigstore.logSize).toBe(size);
}

describe('an outage while a release signs', () => {
  it('of all of Sigstore: the release says how it is finished, and `attest` signs to the byte what it has said', async () => {
    const { run: red, record } = await bench.interrupted(namespace);
    expect(red.exitCode).toBe(1);
    expect(red.outputs).toMatchObject({ status: 'failed', 'error-code': 'SIGSTORE_UNAVAILABLE', tags: '' });
    expect(errorsOf(red)[0]?.text).toMatch(/folder of release\.json.*`command: attest` with `record`/s);
    expect(tagsSet()).toEqual([]);
    expect(keptIn(record)).toHaveLength(KEPT + 2);
    expect(JSON.parse(readFileSync(record, 'utf8')).statements).toMatchObject({ count: KEPT });
    // The token is in its file alone.
    const token = readKept(record, 'token.jwt').trim();
    expect(statSync(join(dirname(red.outputs.record ?? ''), 'statements/token.jwt')).mode & 0o777).toBe(
      0o600,
    );
    const seen = [red.log.replaceAll(/^::add-mask::.*$/gm, ''), red.summary, JSON.stringify(red.outputs)];
    for (const text of [...seen, readFileSync(record, 'utf8')]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(token.split('.')[1]);
    }

    bench.oidc.setClaims({ run_id: '5151', event_name: 'workflow_dispatch' });
    const run = await bench.finish(record);
    bench.oidc.setClaims({ run_id: '4242', event_name: 'push' });
    expect(kindsOf(run)).toEqual([...KINDS].sort());
    for (const line of commandsIn(run, 'cosign')) expect(await inShell(bench, line)).toBe('green');
    const { statements } = JSON.parse(readKept(record, 'list.json'));
    for (const { payload, attestation, statement } of bundlesOf(run)) {
      const { kind, subject } = attestation;
      const listed = statements.find(
        (each: { kind: string; subject: string }) => each.kind === kind && each.subject === subject,
      );
      expect(listed === undefined).toBe(kind === 'scan');
      if (listed !== undefined) expect(readKept(record, `${listed.digest.slice(7)}.json`)).toBe(payload);
      if (kind === 'provenance')
        expect(statement.predicate.runDetails.metadata.invocationId).toMatch(/\/runs\/4242\/attempts\/1$/);
      if (kind === 'scan') expect(statement.predicate.invocation.uri).toMatch(/\/runs\/5151\/attempts\/1$/);
    }
    await expectFinished(run);
    // Twice is as good as once.
    expect((await bench.finish(record)).outputs.status).toBe('attested');
  });

  it('of Fulcio for a minute is waited for', async () => {
    const run = await bench.releaseInto(namespace, {
      onLine: (line: string) => {
        if (line.startsWith('::group::Attest'))
          bench.sigstore.fail({ service: 'fulcio', status: 500, milliseconds: 60_000 });
      },
    });
    expect(endOf(run)).toEqual({ status: 'released', errors: [] });
    expect(await refusedByCosign(bench, run, KINDS)).toEqual([]);
    // Nobody needs what was kept any more.
    expect(keptIn(run.outputs.record ?? '')).toEqual([]);
    expect(JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8')).statements).toBeNull();
  }, 600_000);

  it.each<[string, readonly SigstoreFault[]]>([
    ['the timestamp authority', [{ service: 'tsa', status: 501 }]],
    ['the log', [{ service: 'rekor', status: 501 }]],
    [
      'the log, after it has entered what it was asked to',
      [{ service: 'rekor', status: 501, afterWork: true }],
    ],
  ])('of %s is finished', async (_, faults) => {
    const { run, record } = await bench.interrupted(namespace, faults);
    expect(run.outputs).toMatchObject({ 'error-code': 'SIGSTORE_UNAVAILABLE', tags: '' });
    // The log has some of it already: it answers 409, or takes it again.
    bench.sigstore.fail({ service: 'rekor', status: 409, times: 2 });
    await expectFinished(await bench.finish(record));
  });

  it('of the registry, which answers 429 to all that is attached, is finished without another signature', async () => {
    const when = { method: 'PUT', path: new RegExp(`/${namespace}/.*/manifests/`) };
    const { run, record } = await bench.interrupted(namespace, [], {
      onLine: (line: string) => {
        if (line.startsWith('::group::Attest'))
          bench.e2e.registry.faults.add({ when, times: 1000, effect: { do: 'answer', status: 429 } });
      },
    });
    expect(run.outputs).toMatchObject({ 'error-code': 'REGISTRY_UNAVAILABLE', tags: '' });
    const size = bench.sigstore.logSize;
    await expectFinished(await bench.finish(record));
    expect(bench.sigstore.logSize).toBe(size);
  });

  it('of one of two registries is finished at both without another signature', async () => {
    const second = await startRegistry({ referrers: false });
    try {
      const inputs = { registry: `${bench.e2e.registry.host},${second.host}` };
      const when = { method: 'PUT', path: /\/manifests\// };
      const { run, record } = await bench.interrupted(namespace, [], {
        inputs,
        onLine: (line: string) => {
          if (line.startsWith('::group::Attest'))
            second.faults.add({ when, times: 1000, effect: { do: 'answer', status: 429 } });
        },
      });
      expect(run.outputs).toMatchObject({ 'error-code': 'REGISTRY_UNAVAILABLE', tags: '' });
      second.faults.clear();
      const size = bench.sigstore.logSize;
      const finished = await bench.finish(record, { inputs });
      expect(endOf(finished)).toEqual({ status: 'attested', errors: [] });
      // Index and two platforms.
      const hosts = subjectsOf(finished).map(({ ref }) => ref.split('/')[0]);
      expect(hosts.sort()).toEqual(
        [bench.e2e.registry.host, second.host].flatMap((host) => [host, host, host]).sort(),
      );
      expect(await refusedByCosign(bench, finished, KINDS)).toEqual([]);
      expect(bench.sigstore.logSize).toBe(size);
    } finally {
      await second.stop();
    }
  });

  it('and the end of its process leave a record, which the runner is told before', async () => {
    bench.sigstore.delay('fulcio', 60_000);
    const temp = bench.e2e.folder('runner');
    const { onLine } = atLine(/^What is about to be signed is kept/, 'SIGKILL');
    const cut = await bench.releaseInto(namespace, { onLine, temp, withoutPost: true });
    bench.heal();
    expect(cut.signal).toBe('SIGKILL');
    const told = parseFileCommands(readFileSync(join(temp, 'OUTPUT.file'), 'utf8'));
    await expectFinished(await bench.finish(bench.copied(told.record ?? '')));
  });
});

describe('the finished bytes', () => {
  it('are released by their digest, where a second build would give others', async () => {
    const { run, record } = await bench.interrupted(namespace);
    expect(endOf(await bench.finish(record))).toEqual({ status: 'attested', errors: [] });
    const size = bench.sigstore.logSize;
    const inputs = { namespace, image: 'app', attest: 'true', from: `registry:${run.outputs['image-ref']}` };
    const again = await bench.release(bench.modules, inputs);
    expect(endOf(again)).toEqual({ status: 'released', errors: [] });
    expect(again.outputs.digest).toBe(run.outputs.digest);
    expect(await refusedByCosign(bench, again, KINDS)).toEqual([]);
    expect(tagsSet()).toEqual(['1.2.3', `sha-${bench.modules.sha}`]);
    expect(bench.sigstore.logSize).toBe(size);
  });
});

describe('what a key signs', () => {
  it('is finished by the key, and by no other', async () => {
    const { cosign } = bench;
    const key = async (password: string) => {
      rmSync(join(cosign.folder, 'cosign.key'), { force: true });
      rmSync(join(cosign.folder, 'cosign.pub'), { force: true });
      await cosign.run(['generate-key-pair'], { COSIGN_PASSWORD: password });
      const pem = readFileSync(join(cosign.folder, 'cosign.key'), 'utf8');
      return { 'cosign-key': pem, 'cosign-password': password };
    };
    const [inputs, other] = [await key('one'), await key('two')];
    const { run, record } = await bench.interrupted(namespace, DOWN, { inputs });
    expect(run.outputs).toMatchObject({ 'error-code': 'SIGSTORE_UNAVAILABLE', tags: '' });
    expect(keptIn(record)).toContain('signature.json');
    for (const [wrong, message] of [
      [other, /signature over the list: expected one by the key/],
      [{}, /voucher: expected a token of the issuer over the list, got none/],
    ] as const) {
      const refused = await bench.finish(record, { inputs: wrong });
      expect(refused.outputs['error-code']).toBe('VERIFY_FAILED');
      expect(refused.log).toMatch(message);
    }
    const finished = await bench.finish(record, { inputs });
    expect(endOf(finished)).toEqual({
      status: 'attested',
      errors: [],
    });
    expect(kindsOf(finished)).toEqual([...KINDS].sort());
  });
});
