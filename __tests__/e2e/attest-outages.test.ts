import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, contentOf, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { startGitHubStore } from '../helpers/github-store/github-store.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import type { ActionRun, RunOptions } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import type { Service, SigstoreFault } from '../helpers/sigstore/faults.ts';
import {
  type AttestBench,
  attestBench,
  madeIn,
  refusedByCosign,
  subjectsOf,
} from './helpers/attest-bench.ts';
import { elsewhere } from './helpers/family.ts';
import { atLine, atRequest, type Interruption } from './helpers/interrupt.ts';
import { judge } from './helpers/judges.ts';

const KINDS = ['signature', 'provenance', 'cyclonedx', 'scan'] as const;

/** One on the other, a platform each: eight attestations. */
const FILES: Readonly<Record<string, string>> = {
  [CONFIG]: [
    'images:',
    '  base: { context: base, platforms: [linux/amd64] }',
    '  app: { context: app, contexts: { parent: "target:base" }, platforms: [linux/amd64] }',
    '',
  ].join('\n'),
  'base/Dockerfile': 'FROM scratch\nCOPY own /base\n',
  'base/own': 'the base\n',
  'app/Dockerfile': 'FROM parent\nCOPY own /app\n',
  'app/own': 'the app\n',
};
const ATTESTATIONS = 2 * KINDS.length;

let bench: AttestBench;
let checkout: GitRepository;
let tests = 0;
/** One registry for all; each test has a part of it to itself. */
let namespace: string;
let since: number;

beforeAll(async () => {
  bench = await attestBench();
  checkout = bench.e2e.checkout(FILES);
});
afterAll(() => bench.dispose());
beforeEach(() => {
  tests += 1;
  namespace = `team-${tests}`;
  since = bench.e2e.registry.requests.length;
});
afterEach(() => bench.heal());

type More = Partial<RunOptions>;

const release = ({ inputs = {}, ...more }: More = {}, repository = checkout): Promise<ActionRun> =>
  bench.release(repository, { namespace, attest: 'true', ...inputs }, more);
const errorsOf = ({ log }: ActionRun) => annotationsOf(log).filter(({ level }) => level === 'error');
const held = () =>
  Object.fromEntries(
    Object.entries(contentOf(bench.e2e.registry)).filter(([name]) => name.startsWith(`${namespace}/`)),
  );
const tagsSet = () => Object.values(held()).flatMap(({ tags }) => Object.keys(tags));

/** Everything is there, once, and the strictest reader accepts it. */
async function expectWhole(run: ActionRun, registries = 1): Promise<void> {
  const { status } = run.outputs;
  expect({ status, errors: errorsOf(run) }).toEqual({ status: 'released', errors: [] });
  // `verify-attestation` prints each that it accepts, and two of a kind would be one too many.
  expect(await refusedByCosign(bench, run, KINDS)).toEqual([]);
  for (const { ref } of subjectsOf(run)) {
    const found = JSON.parse(await judge('oras', 'discover', '--plain-http', '--format', 'json', ref));
    expect(found.referrers).toHaveLength(KINDS.length);
  }
  expect(run.outputs.tags?.split('\n')).toHaveLength(4 * registries);
  expect(tagsSet()).toHaveLength(4);
}

describe('a service that fails for a while', () => {
  it.each<[string, SigstoreFault]>([
    ['Fulcio answers 500', { service: 'fulcio', status: 500, times: 2 }],
    ['Fulcio asks to wait', { service: 'fulcio', status: 429, times: 1, headers: { 'retry-after': '1' } }],
    ['Rekor has an equivalent entry', { service: 'rekor', status: 409, times: 3 }],
    ['Rekor loses its answer', { service: 'rekor', status: 502, times: 2, afterWork: true }],
    ['the timestamp authority cuts connections', { service: 'tsa', status: 0, times: 3 }],
  ])('is waited for: %s', async (_, fault) => {
    bench.sigstore.fail(fault);
    const from = bench.sigstore.requests.length;
    const run = await release();
    const met = bench.sigstore.requests
      .slice(from)
      .filter(({ service, status }) => service === fault.service && status === fault.status);
    expect(met).toHaveLength(fault.times ?? 0);
    await expectWhole(run);
  });

  it('is waited for: the token service of the runner', async () => {
    bench.oidc.failWith(503, 2);
    await expectWhole(await release());
  });

  it('is waited for: the registry asks for fewer requests while evidence is attached', async () => {
    const { faults } = bench.e2e.registry;
    const limited = { do: 'answer', status: 429, headers: { 'retry-after': '1' } } as const;
    const when = { path: new RegExp(`/${namespace}/`) };
    const run = await release({
      onLine: (line: string) => {
        if (line.startsWith('::group::Attest')) faults.add({ when, times: 5, skip: 3, effect: limited });
      },
    });
    expect(faults.pending).toEqual([]);
    await expectWhole(run);
  });
});

describe('a service that refuses', () => {
  it.each<[string, Service]>([
    ['Fulcio', 'fulcio'],
    ['The transparency log', 'rekor'],
    ['The timestamp authority', 'tsa'],
  ])('leaves images without any tag, to be finished by the next run: %s', async (name, service) => {
    bench.sigstore.fail({ service, status: 403 });
    const red = await release();
    expect(red.exitCode).toBe(1);
    expect(red.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'SIGSTORE_UNAVAILABLE',
      pushed: 'true',
      tags: '',
    });
    expect(errorsOf(red)[0]).toMatchObject({
      title: 'SIGSTORE_UNAVAILABLE',
      text: expect.stringContaining(`${name} did not do its work`),
    });
    // A token that was refused is a secret still.
    expect(red.log.replaceAll(/^::add-mask::.*$/gm, '')).not.toMatch(/\beyJ[\w-]+\.eyJ/);
    expect(tagsSet()).toEqual([]);
    const subjects = subjectsOf(red);
    expect(subjects).toHaveLength(2);
    for (const { ref, digest } of subjects) expect(await judge('crane', 'digest', ref)).toBe(digest);

    bench.heal();
    const next = await release({}, elsewhere(bench.e2e, checkout));
    await expectWhole(next);
    expect(subjectsOf(next)).toEqual(subjects);
  });
});

describe('the second of two registries', () => {
  it('that refuses evidence leaves both without tags; the next run brings it what the first one has', async () => {
    const second = await startRegistry({ referrers: false });
    try {
      const inputs = { registry: `${bench.e2e.registry.host},${second.host}` };
      const red = await release({
        inputs,
        onLine: (line: string) => {
          if (!line.startsWith('::group::Attest')) return;
          // What has begun at the first one is brought to its end all the same.
          second.faults.add({ when: { method: 'PUT' }, times: 1000, effect: { do: 'answer', status: 403 } });
        },
      });
      expect(red.outputs).toMatchObject({
        status: 'failed',
        'error-code': 'REGISTRY_FORBIDDEN',
        pushed: 'true',
        tags: '',
      });
      second.faults.clear();
      const size = bench.sigstore.logSize;
      const next = await release({ inputs }, elsewhere(bench.e2e, checkout));
      await expectWhole(next, 2);
      expect(bench.sigstore.logSize).toBe(size);
      expect(next.log).toContain('8 attestations were brought to the stores that lacked them.');
    } finally {
      await second.stop();
    }
  });
});

describe('the store of GitHub', () => {
  it('that refuses where it was asked for leaves images without tags; the next run stores what is signed', async () => {
    const store = await startGitHubStore();
    try {
      const inputs = { 'attest-store': 'registry,github', 'github-token': store.token };
      const env = { GITHUB_API_URL: store.url };
      const when = { method: 'POST', path: /\/attestations$/ };
      store.faults.add({ when, times: 100, effect: { do: 'answer', status: 403 } });
      const red = await release({ inputs, env });
      expect(red.outputs).toMatchObject({ status: 'failed', 'error-code': 'GITHUB_REFUSED', tags: '' });
      expect(errorsOf(red)[0]?.text).toContain('`permissions: attestations: write`');
      expect(tagsSet()).toEqual([]);
      expect(store.stored('Acme/Modules')).toEqual([]);

      store.faults.clear();
      const next = await release({ inputs, env }, elsewhere(bench.e2e, checkout));
      await expectWhole(next);
      const stored = store.stored('Acme/Modules');
      expect(stored).toHaveLength(ATTESTATIONS);
      expect(next.outputs['attestation-urls']?.split('\n')).toHaveLength(ATTESTATIONS);
      const again = await release({ inputs, env }, elsewhere(bench.e2e, checkout));
      expect(again.outputs.status).toBe('unchanged');
      expect(store.stored('Acme/Modules')).toHaveLength(ATTESTATIONS);
    } finally {
      await store.stop();
    }
  });
});

describe('a run that was killed is finished by the next one, on another machine:', () => {
  const PUT_MANIFEST = { method: 'PUT', path: /\/manifests\/sha256:/ };
  const PUT_TAG = { method: 'PUT', path: /\/manifests\/(?!sha256:)/ };
  const killed = (when: typeof PUT_TAG, skip: number): Interruption =>
    atRequest(bench.e2e.registry, when, { skip, signal: 'SIGKILL' });
  /** How many attestations the killed run has left. */
  const points: Readonly<Record<string, { readonly at: () => Interruption; readonly left: number }>> = {
    'between push and signing': {
      at: () => {
        bench.sigstore.delay('fulcio', 60_000);
        return atLine(/^::group::Attest/, 'SIGKILL');
      },
      left: 0,
    },
    'while it attached': { at: () => killed(PUT_MANIFEST, 2 + 3), left: 3 },
    'between evidence and tags': { at: () => killed(PUT_TAG, 0), left: ATTESTATIONS },
  };

  it.each(Object.entries(points))('%s', async (_, { at, left }) => {
    const { onLine, undo } = at();
    const cut = await release({ onLine, withoutPost: true });
    undo();
    bench.heal();
    expect(cut.signal).toBe('SIGKILL');
    expect(tagsSet()).toEqual([]);
    const images = 2;
    const manifests = Object.values(held()).flatMap((each) => each.manifests);
    expect(manifests).toHaveLength(images + left);

    const size = bench.sigstore.logSize;
    const next = await release({}, elsewhere(bench.e2e, checkout));
    await expectWhole(next);
    // What is proven to be there is not signed again.
    expect(bench.sigstore.logSize - size).toBe(ATTESTATIONS - left);
    expect(madeIn(next)).toHaveLength(ATTESTATIONS - left);
  });
});

describe('the same tag again', () => {
  it('signs nothing and writes nothing', async () => {
    const first = await release();
    await expectWhole(first);
    const [size, before] = [bench.sigstore.logSize, held()];
    since = bench.e2e.registry.requests.length;
    const again = await release({}, elsewhere(bench.e2e, checkout));
    expect({ status: again.outputs.status, errors: errorsOf(again) }).toEqual({
      status: 'unchanged',
      errors: [],
    });
    expect(again.outputs.digests).toBe(first.outputs.digests);
    expect(again.log).not.toMatch(/\] COPY own/);
    expect(bench.sigstore.logSize).toBe(size);
    expect(writesOf(bench.e2e.registry.requests.slice(since))).toEqual([]);
    expect(held()).toEqual(before);
  });
});
