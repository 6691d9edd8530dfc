import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { provideBusybox } from '../../scripts/setup/busybox.mjs';
import type { Digest } from '../../src/model/digest.ts';
import { contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { makeTrivyCache } from '../helpers/trivy-database.ts';
import { elsewhere, FAMILY, familyFiles, type Member, PARENTS, restlessFiles } from './helpers/family.ts';
import { atLine, atRequest, type Interruption, processesNaming } from './helpers/interrupt.ts';
import { craneManifest, judge, namesIn } from './helpers/judges.ts';

const VERSION = '1.2.3';

let bench: E2eBench;
let tests = 0;
/** One registry for all; each test has a part of it to itself. */
let namespace: string;
let since: number;

beforeAll(async () => {
  bench = await e2eBench();
});
afterAll(() => bench.dispose());

beforeEach(() => {
  tests += 1;
  namespace = `team-${tests}`;
  since = bench.registry.requests.length;
});

type Inputs = Readonly<Record<string, string>>;
type Tags = Readonly<Record<string, Readonly<Record<string, Digest>>>>;

const release = (repository: GitRepository, inputs: Inputs = {}, more = {}): Promise<ActionRun> =>
  bench.run(repository, { namespace, ...inputs }, more);

/** image → tag → digest, of this test's part of the registry. */
function tags(): Tags {
  const own = Object.entries(contentOf(bench.registry)).filter(([name]) => name.startsWith(`${namespace}/`));
  return Object.fromEntries(own.map(([name, held]) => [name.slice(namespace.length + 1), held.tags]));
}

const digestsOf = (run: ActionRun): Readonly<Record<string, string>> =>
  JSON.parse(run.outputs.digests ?? '{}');
const originsOf = (run: ActionRun): Readonly<Record<string, string>> => {
  const { images } = JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8'));
  return Object.fromEntries(
    images.map(({ name, origin }: { name: string; origin: string }) => [name, origin]),
  );
};
const errorsOf = (run: ActionRun) => annotationsOf(run.log).filter(({ level }) => level === 'error');
const writes = () => writesOf(bench.registry.requests.slice(since));
const refOf = (name: string, tag = VERSION) => `${bench.registry.host}/${namespace}/${name}:${tag}`;
const layersOf = async (name: string) =>
  (await craneManifest(refOf(name))).layers.map(({ digest }) => digest);

/** Everything is released, and every image is whole. */
async function expectWhole(run: ActionRun, { sha }: GitRepository, status = 'released'): Promise<void> {
  expect({ status: run.outputs.status, errors: errorsOf(run), exitCode: run.exitCode }).toEqual({
    status,
    errors: [],
    exitCode: 0,
  });
  const digests = digestsOf(run);
  expect(tags()).toEqual(
    Object.fromEntries(
      Object.entries(digests).map(([name, hex]) => [
        name,
        { [VERSION]: `sha256:${hex}`, [`sha-${sha}`]: `sha256:${hex}` },
      ]),
    ),
  );
  for (const name of Object.keys(digests)) await judge('crane', 'validate', '--remote', refOf(name));
}

describe('the same tag again', () => {
  it('adopts what is there and writes nothing, on another machine too', async () => {
    const repository = bench.checkout(familyFiles());
    const first = await release(repository);
    await expectWhole(first, repository);
    const before = contentOf(bench.registry);
    for (const place of [repository, elsewhere(bench, repository)]) {
      since = bench.registry.requests.length;
      const again = await release(place);
      await expectWhole(again, repository, 'unchanged');
      expect(again.outputs).toMatchObject({
        digests: first.outputs.digests,
        tags: first.outputs.tags,
        pushed: 'true',
      });
      expect(Object.values(originsOf(again))).toEqual(FAMILY.map(() => 'adopted'));
      expect(again.log).not.toMatch(/\[\d\/\d\] COPY/);
      expect(again.log).toContain('The gate is open');
      expect(writes()).toEqual([]);
      expect(contentOf(bench.registry)).toEqual(before);
      expect(again.summary).toMatch(/5 images of this commit were already in the registry/);
    }
  });

  it('builds what has lost its tags on the very bytes of the parent that was adopted', async () => {
    const repository = bench.checkout(await restlessFiles());
    const first = await release(repository, { 'no-cache': 'true' });
    await expectWhole(first, repository);
    const old = { base: await layersOf('base'), runtime: await layersOf('runtime') };
    loseTags(['reports', 'intake']);
    since = bench.registry.requests.length;
    const again = await release(elsewhere(bench, repository), { 'no-cache': 'true' });
    await expectWhole(again, repository);
    expect(originsOf(again)).toEqual({
      base: 'adopted',
      runtime: 'adopted',
      reports: 'built',
      intake: 'built',
      site: 'adopted',
    });
    for (const [child, parent] of Object.entries(PARENTS) as [Member, Member][]) {
      const below = await layersOf(parent);
      expect((await layersOf(child)).slice(0, below.length)).toEqual(below);
    }
    expect({ base: await layersOf('base'), runtime: await layersOf('runtime') }).toEqual(old);
    expect(writes().filter((line) => /\/(?:base|runtime|site)\//.test(line))).toEqual([]);
    expect(digestsOf(again)).toMatchObject({
      base: digestsOf(first).base,
      runtime: digestsOf(first).runtime,
    });
  });
});

describe('an image of which the registry has lost a layer', () => {
  it('is not called released again', async () => {
    const repository = bench.checkout(contextOf({ 'etc/motd': 'whole\n' }));
    await expectWhole(await release(repository, { image: 'app' }), repository);
    const [layer] = await layersOf('app');
    bench.registry.store.find(`${namespace}/app`)?.blobs.delete(layer!);
    since = bench.registry.requests.length;
    const again = await release(repository, { image: 'app' });
    expect(again.exitCode).toBe(1);
    expect(again.outputs).toMatchObject({ status: 'failed', 'error-code': 'REGISTRY_NOT_FOUND' });
    expect(errorsOf(again)[0]?.text).toMatch(
      /no longer has all of its bytes: build it again under a new version/,
    );
    expect(writes()).toEqual([]);
  });
});

/** As if somebody had deleted the tags of these images, or the run had ended before it came to them. */
function loseTags(names: readonly Member[]): void {
  for (const name of names) bench.registry.store.find(`${namespace}/${name}`)?.tags.clear();
}

describe('a run that was killed is finished by the next one, on another machine:', () => {
  let repository: GitRepository;
  let digests: Readonly<Record<string, string>>;

  beforeAll(async () => {
    repository = bench.checkout(familyFiles());
    digests = digestsOf(await bench.run(repository, { namespace: 'undisturbed' }));
    expect(Object.keys(digests)).toEqual(FAMILY);
  });

  const PUT_BLOB = { method: 'PUT', path: /\/blobs\/uploads\// };
  const PUT_MANIFEST = { method: 'PUT', path: /\/manifests\/sha256:/ };
  const PUT_TAG = { method: 'PUT', path: /\/manifests\/(?!sha256:)/ };
  const points: Readonly<Record<string, { readonly at: () => Interruption; readonly tagged: number }>> = {
    'while it builds': { at: () => atLine(/\] COPY own/, 'SIGKILL'), tagged: 0 },
    'before the gate': { at: () => atLine(/^::group::Inspect/, 'SIGKILL'), tagged: 0 },
    'while it sends blobs': { at: () => killed(PUT_BLOB, 4), tagged: 0 },
    'before its first manifest': { at: () => killed(PUT_MANIFEST, 0), tagged: 0 },
    'between two manifests': { at: () => killed(PUT_MANIFEST, 2), tagged: 0 },
    'between push and tag': { at: () => killed(PUT_TAG, 0), tagged: 0 },
    'between two tags': { at: () => killed(PUT_TAG, 3), tagged: 3 },
  };
  const killed = (when: { method: string; path: RegExp }, skip: number) =>
    atRequest(bench.registry, when, { skip, signal: 'SIGKILL' });

  it.each(Object.entries(points))('%s', async (_, { at, tagged }) => {
    const { onLine, undo } = at();
    const cut = await release(repository, {}, { onLine, withoutPost: true });
    undo();
    expect(cut.signal).toBe('SIGKILL');
    const left = Object.entries(tags()).flatMap(([name, held]) =>
      Object.values(held).map((digest) => ({ name, digest })),
    );
    expect(left).toHaveLength(tagged);
    for (const { name, digest } of left) {
      expect(digest).toBe(`sha256:${digests[name]}`);
      const parent = PARENTS[name as Member];
      // What a tag leads to stands on what a tag leads to.
      if (parent !== undefined) expect(Object.values(tags()[parent] ?? {})).not.toEqual([]);
    }
    const next = await release(elsewhere(bench, repository));
    await expectWhole(next, repository);
    expect(digestsOf(next)).toEqual(digests);
  });
});

describe('a tag that cannot be set', () => {
  it('leaves those untagged that stand on the image, so that a re-run fits all of them together', async () => {
    const repository = bench.checkout(await restlessFiles());
    const denied = { method: 'PUT', path: new RegExp(`/${namespace}/runtime/manifests/${VERSION}`) };
    bench.registry.faults.add({ when: denied, effect: { do: 'answer', status: 403 } });
    const first = await release(repository, { 'no-cache': 'true' });
    expect(first.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'REGISTRY_FORBIDDEN',
      pushed: 'true',
    });
    expect(tags()).toMatchObject({ base: { [VERSION]: expect.anything() } });
    expect({ ...tags().reports, ...tags().intake }).toEqual({});
    const told = Object.entries(tags()).flatMap(([name, held]) =>
      Object.keys(held).map((tag) => refOf(name, tag)),
    );
    expect(first.outputs.tags?.split('\n').sort()).toEqual(told.sort());
    const next = await release(elsewhere(bench, repository), { 'no-cache': 'true' });
    await expectWhole(next, repository);
    for (const [child, parent] of Object.entries(PARENTS) as [Member, Member][]) {
      const below = await layersOf(parent);
      expect((await layersOf(child)).slice(0, below.length)).toEqual(below);
    }
  });
});

describe('an immutable tag with other content', () => {
  it('is refused before anything is built, naming both revisions, and nothing is moved', async () => {
    const repository = bench.checkout(familyFiles());
    const first = await release(repository);
    await expectWhole(first, repository);
    const before = contentOf(bench.registry);
    since = bench.registry.requests.length;
    const sha = repository.commit({ 'site/own': 'another site\n' });
    const second = await release({ ...repository, sha });
    expect(second.exitCode).toBe(1);
    expect(second.outputs).toMatchObject({ status: 'failed', 'error-code': 'TAG_IMMUTABLE' });
    const conflicts = errorsOf(second).map(({ text }) => text);
    expect(conflicts).toHaveLength(FAMILY.length);
    for (const [i, name] of FAMILY.entries()) {
      expect(conflicts[i]).toContain(`${refOf(name)} already exists as sha256:${digestsOf(first)[name]}`);
      expect(conflicts[i]).toContain(`from revision ${repository.sha}, and this release is revision ${sha}`);
    }
    expect(second.log).not.toMatch(/\] COPY own/);

    const plan = await release({ ...repository, sha }, { command: 'plan' });
    expect(plan.outputs).toMatchObject({ status: 'failed', 'error-code': 'TAG_IMMUTABLE', version: VERSION });
    const { problems, images } = JSON.parse(plan.outputs.plan ?? '');
    expect(problems.map(({ message }: { message: string }) => `TAG_IMMUTABLE: ${message}`)).toEqual(
      conflicts.map((text) => text.split('\n')[0]),
    );
    expect(images.map(({ name }: { name: string }) => name)).toEqual(FAMILY);

    expect(writes()).toEqual([]);
    expect(contentOf(bench.registry)).toEqual(before);
  });

  it('is refused for the same commit with another definition, and names that as the reason', async () => {
    const repository = bench.checkout(contextOf({ 'etc/motd': 'one\n' }));
    await release(repository, { image: 'app' });
    since = bench.registry.requests.length;
    const other = await release(repository, { image: 'app', labels: 'org.opencontainers.image.vendor=Acme' });
    expect(other.outputs['error-code']).toBe('TAG_IMMUTABLE');
    expect(errorsOf(other)[0]?.text).toMatch(
      /built from this commit by another definition, labels or platforms/,
    );
    expect(writes()).toEqual([]);
  });

  it('that somebody set while this run was building is refused before any tag is set', async () => {
    const repository = bench.checkout(familyFiles());
    const stranger = await release(bench.checkout(contextOf({ 'etc/motd': 'somebody else\n' })), {
      image: 'intake',
    });
    const theirs = stranger.outputs.digest as Digest;
    const held = bench.registry.store.find(`${namespace}/intake`);
    held?.tags.clear();
    since = bench.registry.requests.length;
    const run = await release(
      repository,
      {},
      {
        onLine: (line: string) => {
          if (line.startsWith('::group::Push by digest')) held?.tags.set(VERSION, theirs);
        },
      },
    );
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({
      status: 'failed',
      'error-code': 'TAG_IMMUTABLE',
      tags: '',
      pushed: 'true',
    });
    expect(errorsOf(run)[0]?.text).toContain(`${refOf('intake')} points at ${theirs}`);
    expect(writes().filter((line) => /PUT .*\/manifests\/(?!sha256:)/.test(line))).toEqual([]);
    expect(Object.values(tags()).flatMap((own) => Object.keys(own))).toEqual([VERSION]);
  });
});

describe('a run that is cancelled', () => {
  it('in the middle of a build ends its tools, says so, and is finished by the next one', async () => {
    const repository = bench.checkout({
      Dockerfile: [
        'FROM scratch',
        'COPY --chmod=755 busybox /bin/busybox',
        'COPY nonce /nonce',
        'RUN --mount=type=secret,id=pause ["/bin/busybox", "sh", "-c", "echo it sleeps; /bin/busybox sleep $(/bin/busybox cat /run/secrets/pause); echo done > /done"]',
        '',
      ].join('\n'),
      busybox: readFileSync(await provideBusybox()),
      // No build cache of an earlier test knows it.
      nonce: randomUUID(),
    });
    const temp = bench.folder('runner');
    let before: readonly string[] = [];
    let left: readonly string[] = ['not looked at'];
    const inputs = { image: 'app', secrets: 'pause=600' };
    const cancelled = await release(repository, inputs, {
      temp,
      onLine: (line: string, kill: (signal: NodeJS.Signals) => void) => {
        if (!line.includes('it sleeps') || line.includes('RUN')) return;
        before = processesNaming(temp);
        kill('SIGTERM');
      },
      beforePost: () => {
        left = processesNaming(temp);
      },
    });
    expect(before.join('\n')).toMatch(/buildx.* bake /);
    expect(left).toEqual([]);
    expect(cancelled.exitCode).toBe(1);
    expect(cancelled.outputs).toMatchObject({ status: 'failed', 'error-code': 'CANCELLED', pushed: 'false' });
    expect(errorsOf(cancelled)).toMatchObject([
      { title: 'CANCELLED', text: expect.stringContaining('SIGTERM') },
    ]);
    expect(cancelled.summary).toContain('CANCELLED');
    expect(cancelled.post?.exitCode).toBe(0);
    expect(namesIn(temp).flatMap((name) => namesIn(join(temp, name)))).toEqual(['reports']);
    expect(writes()).toEqual([]);
    const next = await release(repository, { ...inputs, secrets: 'pause=0' });
    await expectWhole(next, repository);
  });

  it('in the middle of a push sets no tag, and is finished by the next one', async () => {
    const repository = bench.checkout(familyFiles());
    const { onLine, undo } = atRequest(
      bench.registry,
      { method: 'PUT', path: /\/manifests\// },
      { skip: 1, signal: 'SIGTERM' },
    );
    const cancelled = await release(repository, {}, { onLine });
    undo();
    expect(cancelled.exitCode).toBe(1);
    expect(cancelled.outputs).toMatchObject({ 'error-code': 'CANCELLED', status: 'failed', tags: '' });
    expect(Object.values(tags()).flatMap((held) => Object.keys(held))).toEqual([]);
    await expectWhole(await release(repository), repository);
  });
});

describe('a vulnerability that became known after the release', () => {
  it('fails the run, and withdraws nothing', async () => {
    const repository = bench.checkout(
      contextOf({
        'app/node_modules/lodash/package.json': JSON.stringify({ name: 'lodash', version: '4.17.4' }),
      }),
    );
    const first = await release(repository, {
      image: 'app',
      'trivy-cache-dir': await databaseWithout('lodash'),
    });
    await expectWhole(first, repository);
    const before = contentOf(bench.registry);
    since = bench.registry.requests.length;
    const today = await release(repository, { image: 'app' });
    expect(today.exitCode).toBe(1);
    expect(today.outputs).toMatchObject({ status: 'failed', 'error-code': 'GATE_FINDINGS' });
    expect(errorsOf(today)[0]?.text).toContain('CVE-2019-10744');
    expect(originsOf(today)).toEqual({ app: 'adopted' });
    expect(writes()).toEqual([]);
    expect(contentOf(bench.registry)).toEqual(before);
  });

  /** The database as it was before anybody wrote of the package: its key has another name of the same length. */
  async function databaseWithout(name: string): Promise<string> {
    const folder = await makeTrivyCache(bench.folder('old-database'));
    const path = join(folder, 'db/trivy.db');
    const text = readFileSync(path).toString('latin1');
    const renamed = text.replace(`${name}\0`, `${name.slice(0, -1)}z\0`);
    expect(renamed).not.toBe(text);
    writeFileSync(path, Buffer.from(renamed, 'latin1'));
    return folder;
  }
});
