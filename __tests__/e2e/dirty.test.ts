import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { expectHarmless, HOSTILE } from './helpers/hostile.ts';
import { craneConfig, craneManifest } from './helpers/judges.ts';

let bench: E2eBench;
let checkout: GitRepository;

beforeEach(async () => {
  bench = await e2eBench();
  checkout = bench.checkout(contextOf({ 'etc/motd': 'hello\n' }));
});
afterEach(() => bench.dispose());

/** A list item in CSV quoting, as the inputs take one with line ends or quotes at its ends. */
function quoted(item: string): string {
  return `"${item.replaceAll('"', '""')}"`;
}

const PAIRS = Object.entries(HOSTILE);

describe('hostile values', () => {
  it('of labels, annotations and build arguments arrive as they are', async () => {
    const args = PAIRS.map(([name]) => `A_${name.replaceAll(/[ -]/g, '_').toUpperCase()}`);
    const key = (name: string) => `dirty.${name.replaceAll(' ', '-')}`;
    const repository = bench.checkout({
      Dockerfile: [
        'FROM scratch',
        'COPY hello /',
        ...args.flatMap((name) => [`ARG ${name}`, `LABEL ${name.toLowerCase()}=$${name}`]),
        '',
      ].join('\n'),
      hello: 'hello\n',
    });
    const list = (keyOf: (name: string, i: number) => string) =>
      PAIRS.map(([name, value], i) => quoted(`${keyOf(name, i)}=${value}`)).join('\n');
    const run = await bench.run(repository, {
      labels: list(key),
      annotations: list((name) => `manifest:${key(name)}`),
      'build-args': list((_, i) => args[i] ?? ''),
    });
    expectHarmless(run, [repository.folder]);
    expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
    const ref = run.outputs['image-ref'] ?? '';
    const { Labels } = (await craneConfig(ref)).config;
    const { annotations = {} } = await craneManifest(ref);
    expect(Labels).toMatchObject(Object.fromEntries(PAIRS.map(([name, value]) => [key(name), value])));
    expect(Labels).toMatchObject(
      Object.fromEntries(PAIRS.map(([, value], i) => [args[i]?.toLowerCase() ?? '', value])),
    );
    expect(annotations).toMatchObject(Object.fromEntries(PAIRS.map(([name, value]) => [key(name), value])));
  });

  it('of the event end up in labels at most', async () => {
    const description = `${HOSTILE.substitution} ${HOSTILE.markdown} ::set-output name=status::pwned`;
    const event = { repository: { description, html_url: 'https://github.com/Acme/Modules' } };
    const run = await bench.run(checkout, {}, { event });
    expectHarmless(run, [checkout.folder]);
    const { Labels } = (await craneConfig(run.outputs['image-ref'] ?? '')).config;
    expect(Labels['org.opencontainers.image.description']).toBe(description);
  });

  const INPUTS = [
    'command',
    'image',
    'namespace',
    'version',
    'registry',
    'platforms',
    'target',
    'builder',
    'network',
    'from',
    'severity',
    'scan-timeout',
    'ignore-unfixed',
    'tools-mirror',
    'trivy-version',
    'registry-insecure',
    'labels',
  ];
  it.each(PAIRS)('of all inputs are refused together, as data: %s', async (_, value) => {
    // A value with `=` would be a good label, and in a list a line that starts with `#` is a comment.
    const wrong = `~${value.replaceAll('=', '≠')}`;
    const inputs = Object.fromEntries(INPUTS.map((name) => [name, wrong]));
    const run = await bench.run(checkout, { ...inputs, 'tag-prefix': `${value} x` });
    expectHarmless(run, [checkout.folder]);
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'INPUT_INVALID' });
    const errors = annotationsOf(run.log).filter(({ level }) => level === 'error');
    const named = errors.map(({ text }) => /^INPUT_INVALID: input `([^`]+)`/.exec(text)?.[1]);
    expect(named).toEqual(expect.arrayContaining([...INPUTS, 'tag-prefix']));
    // The problem on one line, the remedy on the next.
    for (const { text } of errors) expect(text.split('\n')).toHaveLength(2);
    expect(run.log).not.toContain('\u202e');
    expect(run.log.length).toBeLessThan(20_000);
    expect(run.summary).not.toMatch(/<img|\]\(javascript:|@acme\/all/);
    expect(run.summary).not.toContain('\u202e');
  });
});

describe('hostile names of refs', () => {
  it.each([
    'v1.2.3$(touch pwned)',
    'v1.2.3`touch${IFS}pwned`',
    'v1.2.3%0A::set-output',
    'v1.2.3;touch pwned',
    'v1.2.3-<img src=x>',
    `v1.2.3-${'9x'.repeat(5_000)}!`,
  ])('of a git tag are no version: %.40s', async (name) => {
    const run = await bench.run(checkout, { command: 'plan' }, { ref: `refs/tags/${name}` });
    expectHarmless(run, [checkout.folder]);
    expect(run.exitCode).toBe(1);
    expect(run.outputs['error-code']).toBe('TAG_NOT_SEMVER');
    expect(run.summary).not.toContain('<img');
    expect(writesOf(bench.registry.requests)).toEqual([]);
  });

  it('of a branch become a valid tag', async () => {
    const ref = 'refs/heads/feature/$(touch${IFS}pwned);`x`&ü';
    const run = await bench.run(checkout, { command: 'plan', tags: 'type=ref,event=branch' }, { ref });
    expectHarmless(run, [checkout.folder]);
    expect(run.exitCode).toBe(0);
    const [image] = JSON.parse(run.outputs.plan ?? '{}').images;
    expect(image.tags).toHaveLength(2);
    for (const tag of image.tags) expect(tag).toMatch(/^\w[\w.-]{0,127}$/);
  });
});
