import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, contentOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { aModule, stubBase } from '../helpers/module-bench.ts';
import { startPlatform } from '../helpers/publish-platform/platform.ts';
import type { ActionRun, RunOptions } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { judge } from './helpers/judges.ts';
import { KEY } from './helpers/publish-bench.ts';

let stub: string;
let bench: E2eBench;
let checkout: GitRepository;

const PARSER = { name: 'parser', version: '1.0.0', description: 'Parses' };
const INDEXER = { name: 'indexer', version: '2.0.0', description: 'Indexes' };

beforeAll(async () => {
  stub = await stubBase();
});
afterAll(async () => {
  await judge('docker', 'image', 'rm', '--force', stub);
});
beforeEach(async () => {
  bench = await e2eBench();
  checkout = bench.checkout({
    [CONFIG]: `tag-prefix: "*/v"\nmodule-base-image: ${stub}\n`,
    ...aModule(PARSER, 'modules/parser'),
    ...aModule(INDEXER, 'modules/indexer'),
    // Of a browser, which has no part in this.
    'site/manifest.json': '{ "name": "site", "version": "7.0.0", "start_url": "/" }\n',
    'site/Dockerfile': 'FROM scratch\n',
  });
});
afterEach(() => bench.dispose());

const on = (more: Partial<RunOptions>, inputs: Readonly<Record<string, string>> = {}) =>
  bench.run(checkout, inputs, more);
const byTag = (tag: string) => on({ ref: `refs/tags/${tag}` });
const byHand = (sha = checkout.sha, inputs: Readonly<Record<string, string>> = {}) =>
  on({ eventName: 'workflow_dispatch', ref: 'refs/heads/main', sha, event: { inputs: {} } }, inputs);

/** What stands in the registry but for the tags of commits. */
function versions(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(contentOf(bench.registry)).map(([name, { tags }]) => [
      name,
      Object.keys(tags).filter((tag) => !tag.startsWith('sha-')),
    ]),
  );
}

const namesOf = (run: ActionRun): readonly string[] =>
  JSON.parse(run.outputs.images ?? '[]').map(({ name }: { readonly name: string }) => name);

function bump(module: typeof PARSER, version: string): string {
  return checkout.commit(aModule({ ...module, version }, `modules/${module.name}`));
}

describe('a repository of several modules', () => {
  it('releases the one that a tag names, from its folder', async () => {
    const run = await byTag('parser/v1.0.0');
    expect(run.outputs).toMatchObject({ status: 'released', version: '1.0.0', 'error-code': '' });
    expect(versions()).toEqual({ 'acme/parser': ['1.0.0'] });
    const { config } = JSON.parse(await judge('crane', 'config', run.outputs['image-ref'] ?? ''));
    expect(config.Labels['org.opencontainers.image.description']).toBe('Parses');
  });

  it.each<[string, string, string, string | undefined]>([
    ['another version than its own', 'parser/v1.1.0', 'VERSION_MISMATCH', 'modules/parser/manifest.json'],
    ['no module', 'lexer/v1.0.0', 'INPUT_INVALID', undefined],
    ['what is a manifest of another tool', 'site/v7.0.0', 'INPUT_INVALID', undefined],
    ['no version', 'parser/v1', 'TAG_NOT_SEMVER', undefined],
  ])('refuses a tag that names %s: %s', async (_, tag, code, file) => {
    const run = await byTag(tag);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': code });
    expect(annotationsOf(run.log)[0]?.file).toBe(file);
    expect(contentOf(bench.registry)).toEqual({});
  });

  it('builds and gates all of them on a pull request', async () => {
    const head = { sha: checkout.sha, ref: 'topic', repo: { full_name: 'Acme/Modules' } };
    const event = { pull_request: { number: 7, head, base: { ref: 'main' } } };
    const run = await on({ eventName: 'pull_request', ref: 'refs/pull/7/merge', event });
    expect(run.outputs.status).toBe('gated');
    expect(namesOf(run)).toEqual(['indexer', 'parser']);
    expect(contentOf(bench.registry)).toEqual({});
  });
});

describe('a release by hand', () => {
  it('is of all modules, each with its own version, and later of those alone whose version is new', async () => {
    const first = await byHand();
    expect(first.outputs).toMatchObject({ status: 'released', version: '', 'error-code': '' });
    expect(versions()).toEqual({ 'acme/indexer': ['2.0.0'], 'acme/parser': ['1.0.0'] });

    const again = await byHand();
    expect(again.outputs.status).toBe('unchanged');
    expect(namesOf(again)).toEqual(['indexer', 'parser']);

    const second = await byHand(bump(PARSER, '1.1.0'));
    expect(second.outputs).toMatchObject({ status: 'released', version: '1.1.0' });
    expect(namesOf(second)).toEqual(['parser']);
    expect(second.log).toContain(
      '/acme/indexer:2.0.0 was released from another commit, and is left as it is.',
    );
    expect(versions()).toEqual({ 'acme/indexer': ['2.0.0'], 'acme/parser': ['1.0.0', '1.1.0'] });

    const before = bench.registry.requests.length;
    const third = await byHand(checkout.commit({ 'README.md': 'Nothing is bumped.\n' }));
    expect(third.exitCode).toBe(0);
    expect(third.outputs).toMatchObject({ status: 'unchanged', 'error-code': '', images: '[]' });
    expect(third.summary).toContain('Every version was released before, from another commit.');
    expect(third.summary).toMatch(/Left as released from another commit: .*indexer:2\.0\.0.*parser:1\.1\.0/);
    expect(writesOf(bench.registry.requests.slice(before))).toEqual([]);
  });

  it('tells of a module without a version, and releases nothing', async () => {
    const run = await byHand(bump(INDEXER, '2.x'));
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'MANIFEST_INVALID' });
    expect(annotationsOf(run.log)[0]).toMatchObject({ file: 'modules/indexer/manifest.json', line: '4' });
    expect(contentOf(bench.registry)).toEqual({});
  });

  it('publishes each module as its own version', async () => {
    const platform = await startPlatform({ token: 'token' });
    try {
      const run = await byHand(checkout.sha, {
        publish: 'true',
        'publish-url': platform.url,
        'publish-token': 'token',
        'publish-key': KEY,
      });
      expect({ status: run.outputs.status, log: run.log.slice(-2000) }).toMatchObject({ status: 'released' });
      const bodies = platform.requests.flatMap(({ method, body }) =>
        method === 'POST' ? [JSON.parse(body)] : [],
      );
      const told = bodies
        .filter(({ dryRun }) => dryRun === undefined)
        .map(({ imageRef, manifest }) => [imageRef.replace(/@.*/, ''), manifest.name, manifest.version]);
      const { host } = bench.registry;
      expect(told.toSorted()).toEqual([
        [`${host}/acme/indexer`, 'indexer', '2.0.0'],
        [`${host}/acme/parser`, 'parser', '1.0.0'],
      ]);
    } finally {
      await platform.stop();
    }
  });
});
