import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configOf, contextOf, TAG, VERSION, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { type ActionRun, type RunOptions, runAction } from '../helpers/run-action.ts';
import { nodePackage } from '../helpers/vulnerable-layout.ts';
import {
  type AttestBench,
  attestBench,
  commandsIn,
  inShell,
  madeIn,
  recordOf,
  refusedByCosign,
} from './helpers/attest-bench.ts';
import { judge } from './helpers/judges.ts';

type Inputs = Readonly<Record<string, string>>;

let bench: AttestBench;
let modules: GitRepository;
let released: ActionRun;
let host: string;

beforeAll(async () => {
  // Who believes what a run has kept asks the issuer for its keys.
  bench = await attestBench({}, { issuer: 'own' });
  host = bench.e2e.registry.host;
  modules = bench.e2e.checkout({
    ...contextOf({ 'etc/one': 'one' }, 'one'),
    ...contextOf({ 'etc/two': 'two' }, 'two'),
    '.github/module-release.yml': `${configOf(['one'])}  two: { context: two, platforms: [linux/amd64, linux/arm64] }\n`,
  });
  released = await bench.release(modules, { attest: 'true' });
});
afterAll(() => bench.dispose());

/** A job with `id-token: write` and without a checkout, git or Docker. */
function attest(inputs: Inputs, more: Partial<RunOptions> = {}) {
  bench.oidc.setClaims({ sha: more.sha ?? modules.sha });
  const defaults = { registry: host, 'trivy-cache-dir': bench.e2e.trivyCache, ...bench.instance };
  return runAction({
    workspace: bench.e2e.folder('empty'),
    sha: modules.sha,
    ref: `refs/tags/${TAG}`,
    temp: bench.e2e.folder('runner'),
    inputs: { command: 'attest', ...defaults, ...inputs },
    ...more,
    env: { ...bench.oidc.env, ...more.env },
  });
}

const imagesOf = ({ outputs }: ActionRun) => JSON.parse(outputs.images ?? '[]');
const kindsOf = (run: ActionRun) =>
  madeIn(run)
    .map(({ kind, platform }) => `${kind} ${platform ?? 'index'}`)
    .sort();

/** The image under another name, without what is attached to it. */
async function copyOf(name: string, path: string): Promise<string> {
  const image = imagesOf(released).find((each: { name: string }) => each.name === name);
  await judge('crane', 'copy', '--insecure', image.ref, `${host}/${path}:${VERSION}`);
  return `${host}/${path}@${image.digest}`;
}

/** The folder of a run's reports as another job has downloaded it. */
function downloaded(run: ActionRun, change: (record: string) => string = (text) => text): string {
  const folder = mkdtempSync(join(bench.e2e.root, 'artifact-'));
  cpSync(dirname(run.outputs.record ?? ''), folder, { recursive: true });
  const path = join(folder, 'release.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return path;
}

const bundlesIn = ({ outputs }: Pick<ActionRun, 'outputs'>) =>
  readdirSync(dirname(outputs.record ?? '')).filter((name) => name.endsWith('.sigstore.json'));

describe('images that somebody else has built', () => {
  it('get SBOM, scan and signature, which cosign finds, and never provenance', async () => {
    expect(released.outputs.status).toBe('released');
    const ref = await copyOf('two', 'foreign/two');
    const run = await attest({ subject: `${host}/foreign/two:${VERSION}` });
    expect(run).toMatchObject({
      exitCode: 0,
      outputs: { status: 'attested', 'error-code': '', 'image-ref': ref },
    });
    expect(kindsOf(run)).toEqual([
      'cyclonedx linux/amd64',
      'cyclonedx linux/arm64',
      'scan linux/amd64',
      'scan linux/arm64',
      'signature index',
      'signature linux/amd64',
      'signature linux/arm64',
    ]);
    expect(await refusedByCosign(bench, run, ['cyclonedx', 'scan', 'signature'])).toEqual([]);
    expect((await bench.cosign.verifyAttestation(ref, 'slsaprovenance1')).code).not.toBe(0);
    for (const line of commandsIn(run, 'cosign')) expect(await inShell(bench, line)).toBe('green');
    expect(run.summary).toMatch(/^## ✅ module-release attest: attested/);
    expect(run.summary).toContain('7 new attestations');
  });

  it('have it once: a second run finds it and signs nothing', async () => {
    const from = bench.e2e.registry.requests.length;
    const run = await attest({ subject: `${host}/foreign/two:${VERSION}` });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'attested' } });
    expect(kindsOf(run)).toEqual([]);
    expect(writesOf(bench.e2e.registry.requests.slice(from))).toEqual([]);
  });

  it('of the same name at two places are told apart', async () => {
    const subject = [await copyOf('one', 'a/app'), await copyOf('one', 'b/app')].join('\n');
    const run = await attest({ subject, 'attest-store': 'registry' });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(imagesOf(run).map((each: { name: string }) => each.name)).toEqual(['a-app', 'b-app']);
    expect(await refusedByCosign(bench, run, ['cyclonedx', 'scan', 'signature'])).toEqual([]);
  });

  it('are not signed when the gate refuses them', async () => {
    const bad = bench.e2e.checkout(contextOf(nodePackage('lodash', '4.17.4')));
    const unsafe = await bench.e2e.run(bad, { image: 'bad', severity: 'UNKNOWN', attest: 'false' });
    const subject = unsafe.outputs['image-ref'] ?? '';
    const from = bench.e2e.registry.requests.length;
    const run = await attest({ subject });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed', 'error-code': 'GATE_FINDINGS' } });
    expect(writesOf(bench.e2e.registry.requests.slice(from))).toEqual([]);
    expect(run.summary).toContain('The attestation failed with `GATE_FINDINGS`');
  });

  it('are signed by key without any identity of the job', async () => {
    const subject = await copyOf('one', 'foreign/by-key');
    const { cosign } = bench;
    await cosign.run(['generate-key-pair'], { COSIGN_PASSWORD: 'pass' });
    const key = readFileSync(join(cosign.folder, 'cosign.key'), 'utf8');
    const none = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const unlogged = { sigstore: '', 'sigstore-signing-config': '', 'sigstore-trusted-root': '' };
    const signer = { ...unlogged, offline: 'true', 'cosign-key': key, 'cosign-password': 'pass' };
    const run = await attest({ subject, ...signer }, { env: none });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'attested' } });
    for (const line of commandsIn(run, 'cosign')) expect(await inShell(bench, line)).toBe('green');
  });
});

describe('the images of a release record', () => {
  it('get what they lack, from the files that their provenance names', async () => {
    const run = await attest({ record: downloaded(released), sbom: 'both' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'attested' } });
    expect(new Set(kindsOf(run))).toEqual(new Set(['spdx linux/amd64', 'spdx linux/arm64']));
    expect(recordOf(run).images.map(({ name, origin }) => `${name} ${origin}`)).toEqual([
      'one adopted',
      'two adopted',
    ]);
    const kinds = ['provenance', 'cyclonedx', 'spdx', 'scan', 'signature'] as const;
    expect(await refusedByCosign(bench, run, kinds)).toEqual([]);
    expect(run.log).toContain('is that of the run that built: its provenance names it.');
  });

  it('get the bundles that the run which built has signed and could not store, and are then released', async () => {
    const solo = bench.e2e.checkout(contextOf({ 'etc/solo': 'solo' }));
    const { faults } = bench.e2e.registry;
    const red = await bench.release(
      solo,
      { image: 'solo', attest: 'true' },
      {
        onLine: (line) => {
          if (!line.startsWith('::group::Attest')) return;
          const when = { method: 'PUT', path: /\/manifests\// };
          faults.add({ when, times: 1000, effect: { do: 'answer', status: 403 } });
        },
      },
    );
    bench.heal();
    expect(red.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'REGISTRY_FORBIDDEN',
      pushed: 'true',
    });
    expect(bundlesIn(red)).toHaveLength(4);
    const signed = bench.sigstore.counts();

    const record = downloaded(red);
    bench.oidc.setClaims({ sha: solo.sha });
    const forged = downloaded(red, (text) => JSON.stringify({ ...JSON.parse(text), statements: null }));
    for (const name of bundlesIn({ outputs: { record: forged } })) {
      const path = join(dirname(forged), name);
      const bundle = JSON.parse(readFileSync(path, 'utf8'));
      bundle.dsseEnvelope.payload = Buffer.from(
        Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('release.yml', 'other.yml'),
      ).toString('base64');
      writeFileSync(path, JSON.stringify(bundle));
    }
    const refused = await attest({ record: forged }, { sha: solo.sha });
    expect(refused.outputs['error-code']).toBe('VERIFY_FAILED');

    const run = await attest({ record }, { sha: solo.sha });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'attested' } });
    const [platform = ''] = kindsOf(run).map((each) => each.split(' ')[1]);
    const kinds = ['cyclonedx', 'provenance', 'scan', 'signature'] as const;
    expect(kindsOf(run)).toEqual(kinds.map((kind) => `${kind} ${platform}`));
    expect(await refusedByCosign(bench, run, kinds)).toEqual([]);
    // Not one statement more than the run that built has made.
    expect(bench.sigstore.counts()).toEqual(signed);

    const again = await bench.release(solo, { image: 'solo', attest: 'true' });
    expect(again.outputs).toMatchObject({ status: 'released', digest: red.outputs.digest });
    expect(kindsOf(again)).toEqual([]);
  });

  it('are not believed to be ours: without provenance nothing is signed', async () => {
    const other = bench.e2e.checkout(contextOf({ 'etc/other': 'other' }));
    const unsigned = await bench.e2e.run(other, { image: 'claimed', attest: 'false' });
    const foreign = unsigned.outputs['image-ref'] ?? '';
    const own = imagesOf(released)[0].ref;
    const record = downloaded(released, (text) => text.replaceAll(own, foreign));
    const from = bench.e2e.registry.requests.length;
    const run = await attest({ record });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'VERIFY_FAILED' });
    expect(run.log).toMatch(/nothing proves that this workflow has built the images of the record/);
    expect(run.log).toMatch(/Re-run the release/);
    expect(writesOf(bench.e2e.registry.requests.slice(from))).toEqual([]);
  });

  it.each([
    ['of another workflow', { job_workflow_ref: 'Acme/Modules/.github/workflows/evil.yml@refs/tags/v1.2.3' }],
    ['of another ref', { ref: 'refs/heads/main' }],
  ])('are not finished by a run %s', async (_, claims) => {
    const { ref, job_workflow_ref } = { ref: 'refs/tags/v1.2.3', job_workflow_ref: RELEASE };
    bench.oidc.setClaims(claims);
    const run = await attest({ record: downloaded(released) });
    bench.oidc.setClaims({ ref, job_workflow_ref });
    expect(run.outputs['error-code']).toBe('VERIFY_FAILED');
  });

  it.each([
    ['another commit', (text: string) => text.replaceAll(modules.sha, 'a'.repeat(40)), 'COMMIT_MISMATCH'],
    ['no JSON', () => 'no JSON', 'INPUT_INVALID'],
    [
      'another version',
      (text: string) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'),
      'INPUT_INVALID',
    ],
    ['tags', (text: string) => text.replaceAll(/@sha256:[0-9a-f]{64}/g, ':1.2.3'), 'INPUT_INVALID'],
  ] as const)('must be readable, and of this commit: %s', async (_, change, code) => {
    const run = await attest({ record: downloaded(released, change) });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed', 'error-code': code } });
  });
});

const RELEASE = 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3';

describe('before anything is signed', () => {
  it('a dry run says what it would do, and writes nothing', async () => {
    const subject = await copyOf('one', 'foreign/dry');
    const from = bench.e2e.registry.requests.length;
    const run = await attest({ subject, 'dry-run': 'true' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'planned' } });
    expect(writesOf(bench.e2e.registry.requests.slice(from))).toEqual([]);
    expect(run.summary).toMatch(/Nothing was signed and nothing was written/);
  });

  it('a job without an identity and without a key is told what it needs', async () => {
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: '' };
    const subject = imagesOf(released)[0].ref;
    const run = await attest({ subject }, { env });
    expect(run.outputs['error-code']).toBe('OIDC_MISSING');
    expect(run.log).toMatch(/id-token: write/);
  });

  it('an image that is not there', async () => {
    const run = await attest({ subject: `${host}/nobody/app:1.0.0` });
    expect(run.outputs['error-code']).toBe('REGISTRY_NOT_FOUND');
  });

  it.each([
    [{}, /^::error [^\n]*"attest" needs a `subject`, a `record` or a `channel`[^\n]*\n$/],
    [{ subject: 'alpine:3', record: 'release.json' }, /input `record`: it cannot stand beside `subject`/],
    [{ subject: 'alpine:3', context: '.' }, /input `context`: it has no meaning for `command: attest`/],
    [{ subject: 'alpine:3', attest: 'false' }, /input `attest`: "false" cannot stand beside/],
    [{ record: 'nowhere.json' }, /input `record`: there is no such file: .*nowhere\.json/],
  ])('wrong inputs: %j', async (inputs, message) => {
    const run = await attest(inputs);
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'INPUT_INVALID' } });
    expect(run.log).toMatch(message);
  });
});
