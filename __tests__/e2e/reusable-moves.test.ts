import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { contentOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { ROOT } from '../helpers/run-action.ts';
import { type ActRun, runAct } from './helpers/act.ts';
import { type AttestBench, attestBench } from './helpers/attest-bench.ts';
import { imagesOf, shapeFile, shapeRepository } from './helpers/shapes.ts';

const SHAPE = 'containai-shape';
const NAMES = imagesOf(SHAPE);
const HOME = 'acme';
const OURS = 'org/module-release/.github/workflows';

/** Two releases of an example; then its callers of the reusable workflows are started by hand. The tests build on each other. */
let bench: AttestBench;
let example: GitRepository & { remove(): void };
let head: string;

beforeAll(async () => {
  bench = await attestBench();
  const { instance, e2e } = bench;
  example = shapeRepository(SHAPE, {
    registry: e2e.registry.host,
    'trivy-cache-dir': e2e.trivyCache,
    ...instance,
  });
  await release('1.2.3', example.sha);
  head = example.commit({ 'docker/proxy/rootfs/etc/squid/allowed-domains': '.example.com\n' });
  example.tag('v1.3.0');
  await release('1.3.0', head);
});
afterAll(async () => {
  example.remove();
  await bench.dispose();
});

/** As GitHub tells of a job of `acme/modules`, which a reusable workflow of ours runs, or its own. */
function claim(caller: string, ours: string | undefined, ref: string, sha: string): void {
  bench.oidc.setClaims({
    repository: 'acme/modules',
    repository_owner: 'acme',
    sha,
    ref,
    workflow_ref: `acme/modules/.github/workflows/${caller}@${ref}`,
    job_workflow_ref:
      ours === undefined ? `acme/modules/.github/workflows/${caller}@${ref}` : `${OURS}/${ours}@refs/tags/v1`,
  });
}

async function release(version: string, sha: string): Promise<void> {
  const ref = `refs/tags/v${version}`;
  claim('release.yml', 'release.yml', ref, sha);
  const run = await bench.e2e.run(
    { ...example, sha },
    { attest: 'true' },
    {
      ref,
      sha,
      repository: 'acme/modules',
      env: { ...bench.oidc.env, GITHUB_WORKFLOW_REF: `acme/modules/.github/workflows/release.yml@${ref}` },
    },
  );
  expect({ ...run.outputs, log: run.log.slice(-2000) }).toMatchObject({
    status: 'released',
    channel: 'prod',
  });
}

function byHand(
  workflow: 'promote.yml' | 'rollback.yml' | 'copied.yml',
  inputs: Readonly<Record<string, string>>,
): Promise<ActRun> {
  claim(workflow, workflow === 'copied.yml' ? undefined : workflow, 'refs/heads/main', head);
  return runAct({
    workspace: example.folder,
    root: bench.e2e.folder('act'),
    workflow: `.github/workflows/${workflow}`,
    byHand: inputs,
    env: bench.oidc.env,
  });
}

/** What a tag points at, on all images. */
const at = (tag: string) => NAMES.map((name) => bench.e2e.registry.catalogue()[`${HOME}/${name}`]?.tags[tag]);

describe('the caller of promote.yml', () => {
  it('moves a channel of all images to a release, and signs its record as the reusable workflow', async () => {
    const run = await byHand('promote.yml', { channel: 'nightly', from: '1.2.3' });
    expect({ exit: run.exitCode, ...run.outputs.promote, lines: run.lines.slice(-40) }).toMatchObject({
      exit: 0,
      status: 'promoted',
      channel: 'nightly',
    });
    expect(at('nightly')).toEqual(at('1.2.3'));
    expect(at('nightly')).not.toContain(undefined);
    expect(at('prod')).toEqual(at('1.3.0'));
    const record = `${bench.e2e.registry.host}/${HOME}/${NAMES[0]}:_channel-nightly`;
    const signer = bench.cosign.identity(`https://github.com/${OURS}/promote.yml@refs/tags/v1`);
    expect(await bench.cosign.verify(record, ...signer)).toMatchObject({ code: 0 });
  });

  it('refuses what would go backward, and moves nothing', async () => {
    const before = contentOf(bench.e2e.registry);
    const run = await byHand('promote.yml', { channel: 'prod', from: '1.2.3' });
    expect(run.exitCode).not.toBe(0);
    expect(run.outputs.promote).toMatchObject({ status: 'failed', 'error-code': 'CHANNEL_BACKWARD' });
    expect(contentOf(bench.e2e.registry)).toEqual(before);
  });
});

describe('the caller of rollback.yml', () => {
  it('takes a channel and its aliases back on all images', async () => {
    const run = await byHand('rollback.yml', { channel: 'prod', to: 'previous' });
    expect({ exit: run.exitCode, ...run.outputs.rollback, lines: run.lines.slice(-40) }).toMatchObject({
      exit: 0,
      status: 'rolled-back',
      channel: 'prod',
    });
    expect(
      Object.values(JSON.parse(run.outputs.rollback?.digests ?? '')).map((hex) => `sha256:${hex}`),
    ).toEqual(at('1.2.3'));
    for (const tag of ['prod', 'latest', '1.2']) expect(at(tag)).toEqual(at('1.2.3'));
    expect(at('1.3')).toEqual(at('1.3.0'));
  });
});

describe('promote.yml itself, copied into a repository', () => {
  it('is started by hand, and takes back what was withdrawn only by force and with a reason', async () => {
    const text = readFileSync(join(ROOT, '.github/workflows/promote.yml'), 'utf8');
    head = example.commit({ '.github/workflows/copied.yml': text });
    const inputs = { channel: 'prod', from: '1.3.0', require: 'signature,provenance,sbom,scan' };
    const refused = await byHand('copied.yml', inputs);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.outputs.promote).toMatchObject({ status: 'failed', 'error-code': 'CHANNEL_BACKWARD' });
    const forced = await byHand('copied.yml', { ...inputs, force: 'true', reason: 'It was not to blame.' });
    expect({ exit: forced.exitCode, ...forced.outputs.promote }).toMatchObject({
      exit: 0,
      status: 'promoted',
    });
    for (const tag of ['prod', 'latest']) expect(at(tag)).toEqual(at('1.3.0'));
  });
});

describe('the callers', () => {
  it.each(['promote.yml', 'rollback.yml'])(
    '%s has at most 15 lines, and lets a person choose the channel',
    (name) => {
      const text = shapeFile(SHAPE, `.github/workflows/${name}`);
      expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
      const { inputs } = parse(text).on.workflow_dispatch;
      const channels = Object.keys(parse(shapeFile(SHAPE, '.github/module-release.yml')).channels);
      expect(inputs.channel).toMatchObject({ type: 'choice', options: channels });
    },
  );
});
