import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUNDLE_TYPE } from '../../src/model/attestation.ts';
import { configOf, contentOf, contextOf, TAG, VERSION, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { startGitHubStore } from '../helpers/github-store/github-store.ts';
import { GITHUB_CLAIMS } from '../helpers/oidc/oidc.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { type ActionRun, type RunOptions, runAction } from '../helpers/run-action.ts';
import { type AttestBench, attestBench, bundlesOf, commandsIn, inShell } from './helpers/attest-bench.ts';
import { judge } from './helpers/judges.ts';

const OTHER = {
  repository: 'Other/App',
  repository_owner: 'Other',
  workflow_ref: 'Other/App/.github/workflows/build.yml@refs/heads/main',
  job_workflow_ref: 'Other/App/.github/workflows/build.yml@refs/heads/main',
  ref: 'refs/heads/main',
};
const WORKFLOW_REF = GITHUB_CLAIMS.workflow_ref;

let bench: AttestBench;
let modules: GitRepository;
let released: ActionRun;
/** `host/acme`. */
let home: string;
let trust: Readonly<Record<string, string>>;

beforeAll(async () => {
  bench = await attestBench();
  modules = bench.e2e.checkout({
    ...contextOf({ 'etc/one': 'one' }, 'one'),
    ...contextOf({ 'etc/two': 'two' }, 'two'),
    '.github/module-release.yml': `${configOf(['one'])}  two: { context: two, platforms: [linux/amd64, linux/arm64] }\n`,
  });
  released = await bench.release(modules, { attest: 'true' });
  home = `${bench.e2e.registry.host}/acme`;
  trust = { 'sigstore-trusted-root': bench.instance['sigstore-trusted-root'] ?? '' };
});
afterAll(() => bench.dispose());

/** A job that has nothing: no checkout, no git, no Docker, no Trivy, no identity. */
function verify(inputs: Readonly<Record<string, string>>, more: Partial<RunOptions> = {}) {
  return runAction({
    workspace: bench.e2e.folder('empty'),
    sha: modules.sha,
    ref: `refs/tags/${TAG}`,
    temp: bench.e2e.folder('runner'),
    inputs: { command: 'verify', ...trust, ...inputs },
    ...more,
    env: { PATH: '/nonexistent', GITHUB_WORKFLOW_REF: WORKFLOW_REF, ...more.env },
  });
}

const imagesOf = ({ outputs }: ActionRun) => JSON.parse(outputs.images ?? '[]');
const faultsIn = ({ log }: ActionRun) => /VERIFY_FAILED: ([a-z, -]+):/.exec(log)?.[1]?.split(', ');

/** The image under another name, without what is attached to it. */
async function copyOf(name: string, path: string): Promise<string> {
  const [image] = imagesOf(released).filter((each: { name: string }) => each.name === name);
  const repository = `${bench.e2e.registry.host}/${path}`;
  await judge('crane', 'copy', '--insecure', image.ref, `${repository}:${VERSION}`);
  return `${repository}@${image.digest}`;
}

async function attachBundle(ref: string, text: string): Promise<void> {
  const file = join(bench.e2e.folder('bundle'), 'bundle.json');
  writeFileSync(file, text);
  await judge(
    'oras',
    'attach',
    '--plain-http',
    '--disable-path-validation',
    '--artifact-type',
    BUNDLE_TYPE,
    ref,
    `${file}:${BUNDLE_TYPE}`,
  );
}

describe('what a release of ours has made', () => {
  it('is proven by name, with nothing but the registry, and nothing is written', async () => {
    expect(released.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    const before = contentOf(bench.e2e.registry);
    const from = bench.e2e.registry.requests.length;
    const run = await verify({ subject: `${home}/two:${VERSION}\n${home}/one:${VERSION}` });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'verified', 'error-code': '' } });
    expect(writesOf(bench.e2e.registry.requests.slice(from))).toEqual([]);
    expect(contentOf(bench.e2e.registry)).toEqual(before);
    const [one, two] = imagesOf(released);
    // What a next step deploys is the digest that was proven.
    expect(run.outputs).toMatchObject({
      image: `${home}/two:${VERSION}`,
      'image-ref': two.ref,
      digest: two.digest,
    });
    expect(imagesOf(run)).toMatchObject([
      { name: `${home}/two:${VERSION}`, ref: two.ref, tags: [VERSION], platforms: two.platforms },
      { name: `${home}/one:${VERSION}`, ref: one.ref, tags: [VERSION] },
    ]);
    expect(run.log).toMatch(/Proven: \S+two:1\.2\.3/);
    expect(run.log).toMatch(/ok +Signature: signer workflow +index, linux\/amd64, linux\/arm64 +https:/);
  });

  it('is proven without any subject: the immutable tags of the event', async () => {
    const run = await verify({ registry: bench.e2e.registry.host }, { workspace: modules.folder });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'verified' } });
    expect(imagesOf(run).map((each: { name: string }) => each.name)).toEqual(['one', 'two']);
    expect(JSON.parse(run.outputs.digests ?? '')).toEqual(JSON.parse(released.outputs.digests ?? ''));
  });

  it('is in release.json, and in a summary whose commands the real cosign runs', async () => {
    const [, two] = imagesOf(released);
    const run = await verify({ subject: two.ref });
    const record = JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8'));
    expect(record).toMatchObject({ command: 'verify', status: 'verified', problems: [] });
    expect(record.verification).toMatchObject({
      ok: true,
      images: [{ ok: true, ref: { digest: two.digest } }],
    });
    expect(run.summary).toMatch(/^## ✅ module-release verify: verified\n\n1 image carries the evidence/);
    expect(run.summary).toContain('| ✅ | Provenance: commit that was built |');
    const commands = commandsIn(run, 'cosign');
    // Index: signature, provenance; each platform has SBOM and scan of its own.
    expect(commands).toHaveLength(2 + 2 * 2);
    expect(commandsIn(run, 'gh').length).toBeGreaterThan(0);
    for (const line of commands) expect(await inShell(bench, line)).toBe('green');
  });

  it('is proven by patterns where they are asked for', async () => {
    const [one] = imagesOf(released);
    const run = await verify({
      subject: one.ref,
      'identity-repository-regexp': 'Acme/(Modules|Tools)',
      'identity-workflow-regexp': 'Acme/Modules/\\.github/workflows/[a-z]+\\.yml@refs/tags/v1\\..*',
      'identity-ref-regexp': 'refs/tags/v1\\..*',
    });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'verified' } });
  });
});

describe('refused, each with its fault', () => {
  it.each([
    ['another repository', { 'identity-repository': 'Acme/Other' }, ['repository-mismatch']],
    ['a repository that only begins so', { 'identity-repository': 'Acme/Module' }, ['repository-mismatch']],
    ['another workflow', { 'identity-workflow': '.github/workflows/deploy.yml' }, ['workflow-mismatch']],
    ['another ref', { 'identity-ref': 'refs/heads/main' }, ['ref-mismatch']],
    ['another issuer', { 'identity-issuer': 'https://issuer.example.com' }, ['issuer-mismatch']],
  ])('%s', async (_, inputs, faults) => {
    const run = await verify({ subject: `${home}/one@${imagesOf(released)[0].digest}`, ...inputs });
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed', 'error-code': 'VERIFY_FAILED' } });
    expect(faultsIn(run)).toEqual(faults);
    // Nobody can go on with it by accident.
    expect(run.outputs).toMatchObject({
      digest: '',
      'image-ref': '',
      image: '',
      images: '[]',
      digests: '{}',
    });
    expect(run.summary).toContain('❌');
    expect(run.summary).not.toContain('### Verify\n');
  });

  it('this workflow, which is not the one that signed, and says which input names it', async () => {
    const env = { GITHUB_WORKFLOW_REF: 'Acme/Modules/.github/workflows/deploy.yml@refs/heads/main' };
    const run = await verify({ subject: `${home}/one:${VERSION}` }, { env });
    expect(faultsIn(run)).toEqual(['workflow-mismatch']);
    expect(run.log).toMatch(/name it by `identity-workflow`/);
    const named = { subject: `${home}/one:${VERSION}`, 'identity-workflow': '.github/workflows/release.yml' };
    expect(await verify(named, { env })).toMatchObject({ exitCode: 0 });
  });

  it('a version tag whose evidence is of another tag', async () => {
    await judge('crane', 'tag', '--insecure', imagesOf(released)[0].ref, '1.2.4');
    expect(faultsIn(await verify({ subject: `${home}/one:1.2.4` }))).toEqual(['ref-mismatch']);
  });

  it('an image without any evidence, and evidence of a sibling', async () => {
    const ref = await copyOf('one', 'copies/bare');
    expect(faultsIn(await verify({ subject: ref }))).toEqual(['predicate-missing']);
    const sibling = bundlesOf(released).find(({ attestation: { image } }) => image === 'two');
    await attachBundle(ref, sibling?.text ?? '');
    expect(faultsIn(await verify({ subject: ref, require: 'provenance' }))).toEqual(['subject-mismatch']);
  });

  it('a tampered bundle', async () => {
    const ref = await copyOf('one', 'copies/tampered');
    const found = bundlesOf(released).find(
      ({ attestation: { image, kind } }) => image === 'one' && kind === 'signature',
    );
    const good = found?.text ?? '';
    const payload = Buffer.from(`${found?.payload ?? ''} `).toString('base64');
    const tampered = { ...found?.bundle, dsseEnvelope: { ...found?.bundle.dsseEnvelope, payload } };
    await attachBundle(ref, JSON.stringify(tampered));
    const asked = { subject: ref, require: 'signature' };
    expect(faultsIn(await verify(asked))).toEqual(['signature-invalid']);
    await attachBundle(ref, good);
    const run = await verify(asked);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.summary).toContain('1 attached bundle not taken');
  });

  it('signed members under an unsigned index', async () => {
    const ref = await copyOf('two', 'copies/members');
    const [repository = ''] = ref.split('@');
    for (const { attestation, text } of bundlesOf(released)) {
      const { image, kind, platform, subject } = attestation;
      if (image === 'two' && kind === 'signature' && platform !== undefined)
        await attachBundle(`${repository}@${subject}`, text);
    }
    expect(faultsIn(await verify({ subject: ref, require: 'signature' }))).toEqual(['index-unsigned']);
  });

  it('an image that is another one at the second registry', async () => {
    const second = await startRegistry();
    try {
      const [one, two] = imagesOf(released);
      await judge('crane', 'copy', '--insecure', two.ref, `${second.host}/acme/one:${VERSION}`);
      await judge('crane', 'copy', '--insecure', two.ref, `${second.host}/acme/two:${VERSION}`);
      const inputs = { registry: `${bench.e2e.registry.host},${second.host}`, require: 'none' };
      const run = await verify(inputs, { workspace: modules.folder });
      expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'DIGEST_MISMATCH' });
      expect(run.log).toContain(
        `the image one is not the same everywhere: ${home}/one:1.2.3 is ${one.digest}`,
      );
    } finally {
      await second.stop();
    }
  });

  it('one of two images, and one that is not there: both are told', async () => {
    const bare = await copyOf('one', 'copies/second');
    const run = await verify({ subject: `${home}/one:${VERSION}\n${bare}\n${home}/nobody:1.0.0` });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'VERIFY_FAILED' });
    expect(run.log).toContain(`REGISTRY_NOT_FOUND: there is no image at ${home}/nobody:1.0.0`);
    // The first was proven, and is what it says.
    expect(imagesOf(run).map((each: { name: string }) => each.name)).toEqual([`${home}/one:${VERSION}`]);
  });
});

describe("other people's images, signed by the real cosign", () => {
  it('keyless, for the repository that is named', async () => {
    const ref = await copyOf('two', 'foreign/keyless');
    bench.oidc.setClaims(OTHER);
    const signed = await bench.cosign.sign(ref);
    bench.oidc.setClaims(GITHUB_CLAIMS);
    expect(signed).toMatchObject({ code: 0 });
    // The index is signed, and counts for its platforms.
    const asked = { subject: ref, require: 'signature' };
    const run = await verify({ ...asked, 'identity-repository': 'Other/App' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'image-ref': ref } });
    for (const line of commandsIn(run, 'cosign')) expect(await inShell(bench, line)).toBe('green');
    expect(faultsIn(await verify(asked))).toContain('repository-mismatch');
    const all = await verify({ subject: ref, 'identity-repository': 'Other/App' });
    expect(faultsIn(all)).toContain('predicate-missing');
  });

  it("whose evidence is in GitHub's store alone, where actions/attest keeps it", async () => {
    const ref = await copyOf('one', 'foreign/stored');
    const store = await startGitHubStore();
    try {
      for (const { attestation, bundle } of bundlesOf(released))
        store.plant('Acme/Modules', attestation.subject, bundle);
      const asked = { subject: ref, 'github-token': store.token };
      const env = { GITHUB_API_URL: store.url };
      const run = await verify(asked, { env });
      expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'verified' } });
      // cosign does not ask the store, and gh does so by itself.
      expect(commandsIn(run, 'cosign')).toEqual([]);
      expect(commandsIn(run, 'gh').length).toBeGreaterThan(0);
      expect(commandsIn(run, 'gh').join()).not.toContain('--bundle-from-oci');
      // A store that fails is no proof, and no reason to hide what is missing.
      store.faults.add({ when: { path: /attestations/ }, times: 99, effect: { do: 'answer', status: 403 } });
      const failed = await verify(asked, { env });
      expect(faultsIn(failed)).toEqual(['predicate-missing']);
      expect(failed.log).toMatch(
        /::warning::Only the registry was asked for evidence: GitHub's attestation store/,
      );
    } finally {
      await store.stop();
    }
    const env = { GITHUB_API_URL: store.url };
    expect(faultsIn(await verify({ subject: ref }, { env }))).toEqual(['predicate-missing']);
  });

  it('by key, of which the public half is enough', async () => {
    const ref = await copyOf('one', 'foreign/key');
    const { cosign, sigstore } = bench;
    const password = { COSIGN_PASSWORD: 'pass' };
    for (const name of ['cosign', 'other'])
      await cosign.run(['generate-key-pair', '--output-key-prefix', name], password);
    writeFileSync(join(cosign.folder, 'bare.json'), sigstore.signingConfig({ rekor: false, tsa: false }));
    const flags = ['--signing-config', 'bare.json', '--trusted-root', 'root.json', '--allow-http-registry'];
    const signed = await cosign.run(['sign', '-y', '--key', 'cosign.key', ...flags, ref], password);
    expect(signed).toMatchObject({ code: 0 });
    const key = (name: string) => readFileSync(join(cosign.folder, name), 'utf8');
    const asked = { subject: ref, require: 'signature', offline: 'true', 'sigstore-trusted-root': '' };
    const run = await verify({ ...asked, 'cosign-key': key('cosign.pub') });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'verified' } });
    for (const line of commandsIn(run, 'cosign')) expect(await inShell(bench, line)).toBe('green');
    const withPrivate = { 'cosign-key': key('cosign.key'), 'cosign-password': 'pass' };
    expect(await verify({ ...asked, ...withPrivate })).toMatchObject({ exitCode: 0 });
    expect(faultsIn(await verify({ ...asked, 'cosign-key': key('other.pub') }))).toEqual(['key-mismatch']);
  });
});

describe('what is asked', () => {
  it('nothing, and the summary says so', async () => {
    const ref = await copyOf('one', 'copies/unasked');
    const run = await verify({ subject: ref, require: 'none' });
    expect(run).toMatchObject({ exitCode: 0, outputs: { status: 'verified', 'image-ref': ref } });
    expect(run.summary).toContain('**Nothing was proven**: `require: none`');
  });

  it.each([
    [{ severity: 'LOW' }, /input `severity`: it has no meaning for `command: verify`/],
    [{ image: 'app' }, /input `image`: it has no meaning beside `subject`/],
    [{ offline: 'true', 'sigstore-trusted-root': '' }, /input `offline`: .*`sigstore-trusted-root`/],
    [{ 'sigstore-trusted-root': '/nowhere/root.json' }, /there is no such file: \/nowhere\/root\.json/],
    [{ 'sigstore-trusted-root': process.execPath }, /the trusted root/],
    [{ require: 'none,sbom' }, /"none" cannot stand beside/],
    [{ 'identity-ref': 'v1.2.3' }, /write "refs\/tags\/v1\.2\.3"/],
  ])('wrongly: %j', async (inputs, message) => {
    const run = await verify({ subject: `${home}/one:${VERSION}`, ...inputs });
    expect(run).toMatchObject({ exitCode: 1, outputs: { 'error-code': 'INPUT_INVALID' } });
    expect(run.log).toMatch(message);
  });

  it('of an event that releases nothing', async () => {
    const run = await verify({}, { ref: 'refs/pull/7/merge', eventName: 'pull_request' });
    expect(run.outputs['error-code']).toBe('INPUT_INVALID');
    expect(run.log).toMatch(
      /there is nothing to verify, since pull_request on refs\/pull\/7\/merge releases nothing/,
    );
  });
});
