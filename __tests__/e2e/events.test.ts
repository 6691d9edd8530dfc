import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { TokenService } from '../helpers/registry/token-service.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { asEvent } from './helpers/as-event.ts';
import { craneDigest, craneManifest } from './helpers/judges.ts';

/** One registry for all; each test has an image, and so a repository there, of its own. */
let bench: E2eBench;
let checkout: GitRepository;
let tests = 0;
let image: string;
let since: number;

beforeAll(async () => {
  bench = await e2eBench();
  checkout = bench.checkout(contextOf({ 'etc/motd': 'events\n' }));
});
afterAll(() => bench.dispose());

beforeEach(() => {
  tests += 1;
  image = `app-${tests}`;
  since = bench.registry.requests.length;
});

type Inputs = Readonly<Record<string, string>>;

/** Runs the action on a captured event for the checkout's commit. */
function on(
  name: string,
  inputs: Inputs = {},
  change: Inputs = {},
  repository = checkout,
): Promise<ActionRun> {
  return bench.run(repository, { image, ...inputs }, asEvent(name, repository, change));
}

const onTag = (tag: string, inputs: Inputs = {}, repository = checkout): Promise<ActionRun> =>
  on('push-tag', inputs, { GITHUB_REF: `refs/tags/${tag}` }, repository);

const held = (name = image) => contentOf(bench.registry)[`acme/${name}`]?.tags ?? {};
const methods = (registry = bench.registry, from = since) => [
  ...new Set(registry.requests.slice(from).map(({ method }) => method)),
];
const refs = (...tags: readonly string[]) =>
  tags.map((tag) => `${bench.registry.host}/acme/${image}:${tag}`).join('\n');
const errorsOf = (run: ActionRun) => annotationsOf(run.log).filter(({ level }) => level === 'error');

/** Red with this code, and nothing was written. */
function expectRefused(run: ActionRun, code: string, text: RegExp): void {
  expect(run.exitCode).toBe(1);
  expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': code, pushed: 'false' });
  expect(errorsOf(run)).toMatchObject([{ title: code, text: expect.stringMatching(text) }]);
  expect(run.summary).toContain(code);
  expect(writesOf(bench.registry.requests.slice(since))).toEqual([]);
}

describe.each([
  ['command: plan', { command: 'plan' }, 'the command plan writes nothing'],
  ['dry-run: true', { 'dry-run': 'true' }, 'a dry run writes nothing'],
] as const)('%s', (_, inputs, reason) => {
  it('shows the references that a release would have, and only reads', async () => {
    const run = await onTag('v1.2.3', inputs);
    expect({ exitCode: run.exitCode, errors: errorsOf(run) }).toEqual({ exitCode: 0, errors: [] });
    expect(run.outputs).toMatchObject({
      status: 'planned',
      version: '1.2.3',
      image: refs('1.2.3'),
      tags: refs('1.2.3', `sha-${checkout.sha}`),
      pushed: 'false',
      digest: '',
      'image-ref': '',
      digests: '{}',
      'error-code': '',
    });
    expect(methods()).toEqual(expect.arrayContaining(['GET']));
    expect(methods().filter((method) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    expect(held()).toEqual({});
    const plan = JSON.parse(run.outputs.plan ?? '');
    expect(plan.steps).toEqual(
      expect.arrayContaining(
        ['build', 'inspect', 'gate', 'push', 'tag'].map((id) => ({ id, do: 'simulate', reason })),
      ),
    );
    expect(run.log).not.toContain('COPY rootfs');
    expect(run.log).toContain(`  ${refs('1.2.3')} (immutable, from version)`);
    expect(run.summary).toContain(refs('1.2.3').replace(':1.2.3', ''));
  });

  it('does not even ask a registry with basic auth by an upload session', async () => {
    const registry = await startRegistry({ auth: { kind: 'basic', users: { robot: 'pass-word' } } });
    try {
      const login = { registry: registry.host, username: 'robot', password: 'pass-word' };
      const run = await onTag('v1.2.3', { ...inputs, ...login });
      expect(run.outputs).toMatchObject({ status: 'planned', 'error-code': '' });
      expect(methods(registry, 0).filter((method) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    } finally {
      await registry.stop();
    }
  });

  it('is red for a right that is missing, and shows the plan all the same', async () => {
    const tokens = new TokenService({ users: { robot: 'pass-word' }, grant: () => ['pull'] });
    const registry = await startRegistry({ auth: { kind: 'token', tokens } });
    try {
      const login = { registry: registry.host, username: 'robot', password: 'pass-word' };
      const run = await onTag('v1.2.3', { ...inputs, ...login });
      expect(run.exitCode).toBe(1);
      expect(run.outputs).toMatchObject({
        status: 'failed',
        'error-code': 'REGISTRY_FORBIDDEN',
        version: '1.2.3',
      });
      const plan = JSON.parse(run.outputs.plan ?? '');
      expect(plan.images).toEqual([
        { name: image, repository: `${registry.host}/acme/${image}`, tags: ['1.2.3', `sha-${checkout.sha}`] },
      ]);
      expect(plan.problems).toMatchObject([{ code: 'REGISTRY_FORBIDDEN' }]);
    } finally {
      await registry.stop();
    }
  });
});

describe('a pull request', () => {
  it('of the same repository is gated, and nothing is pushed or asked for', async () => {
    const run = await on('pull-request');
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({
      status: 'gated',
      pushed: 'false',
      version: '',
      tags: '',
      digest: '',
    });
    expect(run.log).toContain('The gate is open');
    expect(run.log).toMatch(/Push by digest: skipped, because a pull request is gated, not pushed\./);
    expect((run.outputs['sbom-path'] ?? '').split('\n')).toHaveLength(1);
    expect(methods().filter((method) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    expect(held()).toEqual({});
  });

  it('is the head commit too, where that is what was checked out', async () => {
    const event = asEvent('pull-request', { sha: 'f'.repeat(40), head: checkout.sha });
    const run = await bench.run(checkout, { image, command: 'plan' }, event);
    expect(run.outputs).toMatchObject({ status: 'planned', 'error-code': '' });
  });

  it('with `pull-request: push` moves its own tag and no other', async () => {
    const repository = bench.checkout(contextOf({ 'etc/motd': 'first\n' }));
    const first = await on('pull-request', { 'pull-request': 'push' }, {}, repository);
    expect(first.outputs).toMatchObject({ status: 'released', pushed: 'true', tags: refs('pr-7') });
    expect(held()).toEqual({ 'pr-7': first.outputs.digest });
    const sha = repository.commit({ 'rootfs/etc/motd': 'second\n' });
    const second = await on('pull-request', { 'pull-request': 'push' }, {}, { ...repository, sha });
    expect(second.outputs).toMatchObject({ status: 'released', tags: refs('pr-7') });
    expect(second.outputs.digest).not.toBe(first.outputs.digest);
    expect(held()).toEqual({ 'pr-7': second.outputs.digest });
    expect(second.log).toContain(`The tag ${refs('pr-7')} was moved from ${first.outputs.digest}.`);
  });

  it('from a fork is gated, whatever it asks for and whoever may push', async () => {
    const run = await on('pull-request-fork', { 'pull-request': 'push' });
    expect(run.exitCode).toBe(0);
    expect(run.outputs).toMatchObject({ status: 'gated', pushed: 'false', tags: '' });
    expect(run.log).toMatch(/Push by digest: skipped, because a fork never pushes\./);
    expect(methods().filter((method) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  it('from a fork is gated at a registry that it cannot log in to', async () => {
    const registry = await startRegistry({ auth: { kind: 'basic', users: { robot: 'pass-word' } } });
    try {
      const run = await on('pull-request-fork', { registry: registry.host, username: 'robot', password: '' });
      expect(run.outputs).toMatchObject({ status: 'gated', 'error-code': '' });
    } finally {
      await registry.stop();
    }
  });
});

describe('an event that runs with rights on foreign code', () => {
  it.each(['pull-request-target', 'workflow-run', 'issue-comment'])('%s is refused', async (name) => {
    const event = asEvent(name, { sha: 'e'.repeat(40), head: checkout.sha });
    const run = await bench.run(checkout, { image }, event);
    expectRefused(
      run,
      'EVENT_REFUSED',
      new RegExp(`has the checkout at ${checkout.sha}, and its own commit is e{40}`),
    );
    expect(run.log).not.toContain('COPY rootfs');
  });
});

describe('a commit', () => {
  it('that is not the one of the event is not released', async () => {
    const event = asEvent('push-tag', { sha: 'd'.repeat(40) });
    const run = await bench.run(checkout, { image }, event);
    expectRefused(
      run,
      'COMMIT_MISMATCH',
      new RegExp(`the checkout is at ${checkout.sha}, and the commit of the event is d{40}`),
    );
  });

  it('on a branch has its sha- tag and no other, and a version later leaves it there', async () => {
    const branch = await on('push-branch');
    expect(branch.outputs).toMatchObject({
      status: 'released',
      version: '',
      tags: refs(`sha-${checkout.sha}`),
    });
    expect(held()).toEqual({ [`sha-${checkout.sha}`]: branch.outputs.digest });
    const { annotations } = await craneManifest(branch.outputs['image-ref'] ?? '');
    expect(annotations).not.toHaveProperty(['org.opencontainers.image.version']);

    const tag = await onTag('v1.2.3');
    expect(tag.outputs).toMatchObject({ status: 'released', tags: refs('1.2.3') });
    expect(held()).toEqual({ [`sha-${checkout.sha}`]: branch.outputs.digest, '1.2.3': tag.outputs.digest });
    expect(tag.log).toContain(`The tag ${refs(`sha-${checkout.sha}`)} was left alone: it is held by`);

    const again = await on('push-branch');
    expect(again.outputs).toMatchObject({ status: 'unchanged', digest: branch.outputs.digest });
  });

  it('on a branch leaves its sha- tag to the version that was released from it', async () => {
    const tag = await onTag('v1.2.3');
    expect(held()[`sha-${checkout.sha}`]).toBe(tag.outputs.digest);
    const branch = await on('push-branch');
    expect({ exitCode: branch.exitCode, errors: errorsOf(branch) }).toEqual({ exitCode: 0, errors: [] });
    expect(branch.outputs.tags).toBe('');
    expect(held()[`sha-${checkout.sha}`]).toBe(tag.outputs.digest);
  });
});

describe('a schedule', () => {
  it('makes a nightly of its own, built anew although the commit has an image', async () => {
    await on('push-branch');
    const days = [new Date()];
    const first = await on('schedule');
    const second = await on('schedule', {}, { GITHUB_RUN_ID: '4242424243' });
    days.push(new Date());
    const [today, tomorrow] = days.map((day) => day.toISOString().slice(0, 10).replaceAll('-', ''));
    const nightlies = Object.keys(held()).filter((tag) => tag.startsWith('nightly-'));
    for (const [run, id] of [
      [first, '4242424242'],
      [second, '4242424243'],
    ] as const) {
      expect(run.outputs).toMatchObject({ status: 'released', version: '' });
      expect([refs(`nightly-${today}-${id}`), refs(`nightly-${tomorrow}-${id}`)]).toContain(run.outputs.tags);
      expect(run.log).not.toContain('Adopting');
    }
    expect(nightlies).toHaveLength(2);
    expect(Object.keys(held())).toHaveLength(3);
  });
});

describe('a dispatch', () => {
  it('releases the version that it is given, with or without its prefix', async () => {
    const run = await on('dispatch-branch', { version: 'v1.4.0' });
    expect(run.outputs).toMatchObject({
      status: 'released',
      version: '1.4.0',
      tags: refs('1.4.0', `sha-${checkout.sha}`),
    });
    const bare = await on('dispatch-branch', { version: '1.4.0' });
    expect(bare.outputs).toMatchObject({ status: 'unchanged', digest: run.outputs.digest });
  });

  it('without one takes that of manifest.json, and says so when there is none', async () => {
    const repository = bench.checkout({
      ...contextOf({ 'etc/motd': 'module\n' }),
      'manifest.json': JSON.stringify({ name: 'parser', version: '0.9.1' }),
    });
    const run = await bench.run(repository, { command: 'plan' }, asEvent('dispatch-branch', repository));
    expect(run.outputs).toMatchObject({
      version: '0.9.1',
      image: `${bench.registry.host}/acme/parser:0.9.1`,
    });
    expectRefused(
      await on('dispatch-branch'),
      'VERSION_MISSING',
      /no version for workflow_dispatch on refs\/heads\/main/,
    );
  });

  it('on a tag releases that tag', async () => {
    const run = await on('dispatch-tag', { command: 'plan' });
    expect(run.outputs).toMatchObject({
      version: '1.3.0-rc.1',
      prerelease: 'true',
      image: refs('1.3.0-rc.1'),
    });
  });
});

describe('a tag', () => {
  it('of a published release is a tag', async () => {
    const run = await on('release-published', { command: 'plan' });
    expect(run.outputs).toMatchObject({ version: '1.2.3', image: refs('1.2.3') });
  });

  it('of a monorepo names its image, with a star in the prefix', async () => {
    const run = await bench.run(
      checkout,
      { 'tag-prefix': '*/v' },
      asEvent('push-tag', checkout, { GITHUB_REF: 'refs/tags/my-module/v1.2.3' }),
    );
    expect(run.outputs).toMatchObject({
      status: 'released',
      version: '1.2.3',
      image: `${bench.registry.host}/acme/my-module:1.2.3`,
    });
    expect(Object.keys(held('my-module')).sort()).toEqual(['1.2.3', `sha-${checkout.sha}`]);
  });

  it('of a monorepo releases one image of a declared set, and refuses a name that is not in it', async () => {
    const repository = bench.checkout({
      [CONFIG]: 'images:\n  one: { context: one }\n  two: { context: two }\n',
      ...contextOf({ 'etc/motd': '1\n' }, 'one'),
      ...contextOf({ 'etc/motd': '2\n' }, 'two'),
    });
    const release = (tag: string) =>
      bench.run(
        repository,
        { 'tag-prefix': '*/v' },
        asEvent('push-tag', repository, { GITHUB_REF: `refs/tags/${tag}` }),
      );
    const run = await release('two/v2.0.0');
    expect(run.outputs).toMatchObject({ status: 'released', version: '2.0.0' });
    expect(Object.keys(held('two')).sort()).toEqual(['2.0.0', `sha-${repository.sha}`]);
    expect(held('one')).toEqual({});
    since = bench.registry.requests.length;
    expectRefused(
      await release('three/v1.0.0'),
      'INPUT_INVALID',
      /the git tag names no image of the set: three/,
    );
  });

  it.each([
    ['v1.2', 'v1.2.0'],
    ['v01.2.3', 'v1.2.3'],
    ['v1.2.3.4', 'v1.2.3+4'],
  ])('that is no SemVer (%s) is refused with the nearest that is: %s', async (tag, corrected) => {
    const escaped = corrected.replaceAll(/[.+]/g, '\\$&');
    expectRefused(await onTag(tag), 'TAG_NOT_SEMVER', new RegExp(`: ${tag} \\(corrected: ${escaped}\\)`));
  });

  it('that is not the version of manifest.json is refused at the line of the version', async () => {
    const repository = bench.checkout({
      ...contextOf({ 'etc/motd': 'module\n' }, 'modules/parser'),
      'modules/parser/manifest.json': '{\n  "name": "parser",\n  "version": "1.2.2"\n}\n',
    });
    const run = await onTag('v1.2.3', { 'working-directory': 'modules/parser' }, repository);
    expectRefused(run, 'VERSION_MISMATCH', /has the version 1\.2\.2, and v1\.2\.3 has 1\.2\.3/);
    expect(errorsOf(run)).toMatchObject([{ file: 'modules/parser/manifest.json', line: '3' }]);
    const lenient = await onTag(
      'v1.2.3',
      { 'working-directory': 'modules/parser', manifest: 'false', command: 'plan' },
      repository,
    );
    expect(lenient.outputs).toMatchObject({ status: 'planned', version: '1.2.3' });
  });
});

describe('`tags` in the dialect of docker/metadata-action', () => {
  const RULES = [
    'type=semver,pattern={{major}}.{{minor}}',
    'type=semver,pattern={{major}}',
    'type=raw,value=latest',
    'type=sha,prefix=main-,format=long',
  ].join('\n');

  it('moves what names a line of versions forward only, and never for a prerelease', async () => {
    const repository = bench.checkout(contextOf({ 'etc/motd': '1.2.3\n' }));
    const release = async (tag: string) => {
      const sha = repository.commit({ 'rootfs/etc/motd': `${tag}\n` });
      const run = await onTag(tag, { tags: RULES }, { ...repository, sha });
      expect({ tag, status: run.outputs.status }).toEqual({ tag, status: 'released' });
      return { digest: run.outputs.digest ?? '', sha, run };
    };
    const old = await release('v1.2.3');
    expect(held()).toEqual({
      ...Object.fromEntries(['1.2.3', '1.2', '1', 'latest'].map((tag) => [tag, old.digest])),
      [`sha-${old.sha}`]: old.digest,
      [`main-${old.sha}`]: old.digest,
    });

    const next = await release('v1.3.0');
    expect(held()).toMatchObject({
      '1.3.0': next.digest,
      '1.3': next.digest,
      '1': next.digest,
      latest: next.digest,
    });
    expect(held()).toMatchObject({ '1.2': old.digest, '1.2.3': old.digest });

    const backport = await release('v1.2.4');
    expect(held()).toMatchObject({
      '1.2.4': backport.digest,
      '1.2': backport.digest,
      '1.3': next.digest,
      '1': next.digest,
      latest: next.digest,
    });
    expect(backport.run.log).toContain(
      `The tag ${refs('latest')} was left alone: it is at the higher version 1.3.0.`,
    );
    expect(backport.run.outputs.tags?.split('\n')).not.toContain(refs('latest'));

    const candidate = await release('v1.4.0-rc.1');
    expect(candidate.run.outputs.prerelease).toBe('true');
    expect(held()).toMatchObject({ '1.4.0-rc.1': candidate.digest, latest: next.digest, '1': next.digest });
    expect(held()).not.toHaveProperty(['1.4']);
    expect(await craneDigest(refs('latest'))).toBe(next.digest);
  });

  it('refuses what cannot be a tag before anything is built', async () => {
    const run = await onTag('v1.2.3', { tags: 'type=raw,value=-dash' });
    expectRefused(
      run,
      'INPUT_INVALID',
      /the tag from type=raw,value=-dash is not valid: -dash \(corrected: dash\)/,
    );
    expect(run.log).not.toContain('COPY rootfs');
  });
});
