import { describe, expect, it } from '@jest/globals';
import type { RunContext } from '../../../src/model/context.ts';
import type { Facts } from '../../../src/model/facts.ts';
import type { Inputs } from '../../../src/model/inputs.ts';
import { ANNOTATION } from '../../../src/model/plan.ts';
import { formatRepository } from '../../../src/model/reference.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import {
  aBuild,
  aContext,
  anImageInput,
  anInputs,
  aTarget,
  COMMIT,
  imageSet,
  someBuildInputs,
  someFacts,
  someVersionInputs,
} from '../../helpers/a-context.ts';
import { capturedContext } from '../../helpers/captured-event.ts';

const graph = aBuild([
  aTarget('base'),
  aTarget('app', { parents: ['base'], definition: { contexts: { base: 'target:base' } } }),
]);
const definition = imageSet(
  anImageInput({ name: 'base' }),
  anImageInput({ name: 'app', contexts: { base: 'target:base' } }),
);

function plan(
  event: string,
  change: Partial<Inputs> = {},
  facts: Partial<Facts> = {},
  context: Partial<RunContext> = {},
) {
  const inputs = anInputs({ build: someBuildInputs({ definition }), ...change });
  return planRelease(
    inputs,
    { ...capturedContext(event), ...context },
    someFacts({ build: graph, ...facts }),
  );
}

const hashes = (...wanted: Parameters<typeof plan>) => plan(...wanted).images.map(({ planHash }) => planHash);

describe('the plan of a tag', () => {
  it('is everything that the release will do', () => {
    const made = plan('push-tag', { names: { registries: ['ghcr.io', 'docker.io'] } });
    expect(made).toMatchObject({
      command: 'release',
      event: 'push',
      kind: 'tag',
      dryRun: false,
      version: { raw: '1.2.3' },
      prerelease: false,
      revision: COMMIT,
      sourceDateEpoch: Date.UTC(2026, 10, 20, 10) / 1000,
      dirty: false,
      problems: [],
    });
    const [base, app] = made.images;
    expect(base?.repositories.map(formatRepository)).toEqual(['ghcr.io/acme/base', 'docker.io/acme/base']);
    expect(app).toMatchObject({ name: 'app', source: { kind: 'bake', target: 'app' }, parents: ['base'] });
    expect(app?.tags.map(({ tag }) => tag)).toEqual(['1.2.3', `sha-${COMMIT}`]);
    expect(app?.labels).toMatchObject({
      'org.opencontainers.image.title': 'app',
      'org.opencontainers.image.description': 'Container modules of Acme',
      [ANNOTATION.version]: '1.2.3',
      [ANNOTATION.created]: '2026-11-20T10:00:00Z',
    });
  });

  it('has revision and plan hash on index and manifests, but the hash in no label', () => {
    for (const { planHash, annotations, labels } of plan('push-tag').images) {
      expect(planHash).toMatch(/^sha256:/);
      for (const level of [annotations.index, annotations.manifest]) {
        expect(level).toMatchObject({ [ANNOTATION.revision]: COMMIT, [ANNOTATION.planHash]: planHash });
      }
      expect(labels).not.toHaveProperty(ANNOTATION.planHash);
    }
  });

  it('of a prerelease is one', () => {
    expect(plan('dispatch-tag')).toMatchObject({ prerelease: true, version: { raw: '1.3.0-rc.1' } });
  });

  it('goes on with what the tag names in a monorepo', () => {
    const made = plan(
      'push-tag',
      { version: someVersionInputs({ tagPrefix: '*/v' }) },
      {},
      { ref: 'refs/tags/app/v2.0.0' },
    );
    expect(made.images.map(({ name, tags }) => [name, tags[0]?.tag])).toEqual([['app', '2.0.0']]);
    expect(made.problems).toEqual([]);
  });
});

describe('the plan hash of the images', () => {
  it('is the same in a re-run: another run, time, description, tag rule, registry and checkout folder', () => {
    const again = hashes(
      'push-tag',
      {
        names: { registries: ['docker.io'] },
        version: someVersionInputs({ tags: [{ type: 'raw', attributes: { value: 'x' }, raw: 'x' }] }),
        workspace: '/home/runner/work/x',
        workingDirectory: '/home/runner/work/x',
      },
      { now: new Date('2026-12-24T00:00:00Z') },
      { runId: '1', runAttempt: 2, actor: 'hubot', workflow: 'other', about: { description: 'New words' } },
    );
    expect(again).toEqual(hashes('push-tag'));
    expect(hashes('release-published')).toEqual(hashes('push-tag'));
  });

  it.each<[string, Partial<Inputs>, Partial<Facts>]>([
    ['a label of the user', { version: someVersionInputs({ labels: { team: 'core' } }) }, {}],
    [
      'an annotation',
      { version: someVersionInputs({ annotations: [{ levels: [], key: 'a', value: 'b' }] }) },
      {},
    ],
    ['the date of the commit', {}, { commitEpoch: 1 }],
    [
      'a definition',
      {},
      { build: aBuild([aTarget('base', { definition: { args: { A: '1' } } }), graph.targets.app!]) },
    ],
  ])('changes with %s, for a parent and its child', (_, change, facts) => {
    const [base, app] = hashes('push-tag');
    const [otherBase, otherApp] = hashes('push-tag', change, facts);
    expect(otherBase).not.toBe(base);
    expect(otherApp).not.toBe(app);
  });

  it('has nothing to do with the description that the repository has today, unless the user sets it', () => {
    const labels = { 'org.opencontainers.image.description': 'Mine' };
    expect(hashes('push-tag', { version: someVersionInputs({ labels }) })).not.toEqual(hashes('push-tag'));
  });

  it('differs between images', () => {
    expect(new Set(hashes('push-tag')).size).toBe(2);
  });
});

describe('brought images', () => {
  it('keep their bytes: no label, no annotation, no hash', () => {
    const from = { kind: 'docker-daemon', reference: 'app:dev' } as const;
    const set = imageSet(anImageInput({ name: 'app', from }));
    const made = planRelease(
      anInputs({
        build: someBuildInputs({ definition: set }),
        version: someVersionInputs({ labels: { a: 'b' } }),
      }),
      aContext(),
      someFacts(),
    );
    expect(made.images).toHaveLength(1);
    expect(made.images[0]).toMatchObject({
      source: from,
      labels: {},
      annotations: { index: {}, manifest: {} },
    });
    expect(made.images[0]).not.toHaveProperty('planHash');
    expect(made.problems).toEqual([]);
  });
});

describe('problems', () => {
  it('are all reported together, and never thrown', () => {
    const made = planRelease(
      anInputs({
        names: { registries: ['ghcr.io'], namespace: 'Acme', image: 'My App' },
        version: someVersionInputs({
          manifest: 'true',
          tags: [{ type: 'raw', attributes: { value: '{{nope}}' }, raw: '{{nope}}' }],
          labels: { built: "{{date 'YYYY'}}" },
        }),
      }),
      aContext({ ref: 'refs/tags/v1.2' }),
      someFacts({ head: 'e'.repeat(40) }),
    );
    expect(made.problems.map(({ code }) => code).sort()).toEqual([
      'COMMIT_MISMATCH',
      'INPUT_INVALID',
      'INPUT_INVALID',
      'INPUT_INVALID',
      'INPUT_INVALID',
      'MANIFEST_NOT_FOUND',
      'TAG_NOT_SEMVER',
    ]);
    expect(made.problems.every(({ message, hint }) => message !== '' && hint !== '')).toBe(true);
    expect(made.images).toHaveLength(1);
  });

  it('leave the plan readable when bake could not be asked', () => {
    const inputs = anInputs({ build: someBuildInputs({ definition }) });
    const made = planRelease(inputs, aContext(), someFacts());
    expect(made.images.map(({ name, planHash }) => [name, planHash])).toEqual([
      ['base', undefined],
      ['app', undefined],
    ]);
  });

  it('are none for a dirty checkout, which is only recorded', () => {
    expect(plan('push-tag', {}, { dirty: true })).toMatchObject({ dirty: true, problems: [] });
  });
});

describe('an event from outside', () => {
  it.each(['push-branch', 'schedule', 'pull-request', 'pull-request-fork', 'issue-comment'])(
    '%s has no version, neither in the plan nor in a label',
    (event) => {
      const made = plan(event);
      expect(made.version).toBeUndefined();
      expect(made.images[0]?.labels).not.toHaveProperty(ANNOTATION.version);
    },
  );

  it('from a fork gets no tag at all', () => {
    const tags = [{ type: 'raw', attributes: { value: 'x' }, raw: 'x' } as const];
    const made = plan('pull-request-fork', { version: someVersionInputs({ pullRequest: 'push', tags }) });
    expect(made.images.flatMap((image) => image.tags)).toEqual([]);
  });
});

describe('a release whose images are built by several jobs', () => {
  const platforms = [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ] as const;
  const texts = ['linux/amd64', 'linux/arm64'];
  const images = imageSet(
    anImageInput({ name: 'base', platforms }),
    anImageInput({ name: 'app', platforms, contexts: { base: 'target:base' } }),
    anImageInput({ name: 'alone', platforms }),
  );
  const build = aBuild([
    aTarget('base', { platforms: texts }),
    aTarget('app', {
      platforms: texts,
      parents: ['base'],
      definition: { contexts: { base: 'target:base' } },
    }),
    aTarget('alone', { platforms: texts }),
  ]);
  const runners = platforms.map((platform) => ({ platform, labels: [platform.architecture] }));
  const fanOut = { runners, scope: 'shard', handoffs: [] } as const;
  const of = (change: Partial<Inputs>, facts: Partial<Facts> = {}) =>
    plan(
      'push-tag',
      { build: someBuildInputs({ definition: images }), fanOut, ...change },
      { build, ...facts },
    );
  const whole = of({});

  it('has the jobs in its plan', () => {
    expect(whole.shards?.map(({ name }) => name)).toEqual([
      'base-linux-amd64',
      'base-linux-arm64',
      'alone-linux-amd64',
      'alone-linux-arm64',
    ]);
    expect(whole).not.toHaveProperty('shard');
    expect(of({ command: 'plan' }).shards).toEqual(whole.shards);
  });

  it('makes in each job a part of the very same images', () => {
    const made = of({ command: 'build', fanOut: { ...fanOut, shard: 'base-linux-arm64' } });
    expect(made).toMatchObject({ command: 'build', shard: 'base-linux-arm64', shards: whole.shards });
    expect(made.images).toEqual(
      whole.images.slice(0, 2).map((image) => ({ ...image, platforms: [platforms[1]], partial: true })),
    );
    expect(made.images.map(({ parents }) => parents)).toEqual([[], ['base']]);
    expect(made.images.every(({ definitionHash }) => definitionHash?.startsWith('sha256:'))).toBe(true);
    expect(made.steps.find(({ id }) => id === 'build')?.reason).toBe('2 images from one graph');
    expect(made.problems).toEqual([]);
  });

  it('signs what a job hands over where it may, and does not ask for it', () => {
    const signed = (change: Partial<Inputs>, oidc: boolean) => {
      const { signsHandoff = false, problems } = of({ command: 'build', ...change }, { oidc });
      return [signsHandoff, problems.map(({ code }) => code)];
    };
    expect(signed({}, true)).toEqual([true, []]);
    expect(signed({}, false)).toEqual([false, []]);
    expect(signed({ attest: { mode: 'true', instance: 'auto' } }, false)).toEqual([false, []]);
    expect(signed({ attest: { mode: 'false', instance: 'auto' } }, true)).toEqual([false, []]);
    expect(signed({ dryRun: true }, true)).toEqual([false, []]);
    expect(of({}, { oidc: true })).not.toHaveProperty('signsHandoff');
  });

  it('has what is wrong with it among its problems', () => {
    const messages = (change: Partial<Inputs>) => of(change).problems.map(({ message }) => message);
    const amd64 = { ...fanOut, runners: runners.slice(0, 1) };
    expect(messages({ fanOut: amd64 })).toEqual([
      'config `runners` has no runner for a platform of base, app, alone: linux/arm64',
    ]);
    expect(messages({ command: 'build', fanOut: { ...fanOut, shard: 'app' } })).toEqual([
      'input `shard`: the plan has no shard of this name: app',
    ]);
  });

  it('is about all images again in a job that has the handoffs', () => {
    const made = of({ command: 'build', fanOut: { ...fanOut, handoffs: ['/handoff'] } });
    expect(made.images).toEqual(whole.images);
  });
});
