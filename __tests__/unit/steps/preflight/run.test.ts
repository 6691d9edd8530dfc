import { beforeEach, describe, expect, it } from '@jest/globals';
import { ReleaseError } from '../../../../src/model/errors.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../../../src/model/manifest.ts';
import { ANNOTATION, type PlannedTag } from '../../../../src/model/plan.ts';
import { formatRepository, type Repository } from '../../../../src/model/reference.ts';
import type { Registry } from '../../../../src/ports/registry.ts';
import { lookAtRegistries } from '../../../../src/steps/preflight/run.ts';
import { aPlan, aPlannedImage, VERSION_TAG } from '../../../helpers/a-release.ts';
import { type FakeRegistry, fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const HASH = 'sha256:plan';
const PROBE = { push: true, probe: true };
const SHA: PlannedTag = { tag: 'sha-abc', kind: 'immutable', rule: 'if-free', from: 'commit' };
const LATEST: PlannedTag = { tag: 'latest', kind: 'moving', rule: 'forward', from: 'type=raw' };

let registry: FakeRegistry;
let asked: string[];

beforeEach(() => {
  registry = fakeRegistry();
  asked = [];
});

function repositoryOf(name: string, host = 'ghcr.io'): Repository {
  return { registry: host, path: `acme/${name}` };
}

function planOf(names: readonly string[], hosts = ['ghcr.io']) {
  const images = names.map((name) => ({
    ...aPlannedImage(name, {
      repositories: hosts.map((host) => repositoryOf(name, host)),
      tags: [VERSION_TAG, SHA, LATEST],
    }),
    planHash: HASH,
  }));
  return aPlan({ images });
}

function manifest(revision: string, planHash = HASH): Encoded {
  const annotations = { [ANNOTATION.revision]: revision, [ANNOTATION.planHash]: planHash };
  const config = encodeJson({}, MEDIA.ociConfig).descriptor;
  return encodeJson(
    { schemaVersion: 2, mediaType: MEDIA.ociManifest, config, layers: [], annotations },
    MEDIA.ociManifest,
  );
}

/** `refusal` says why we may not push to a repository. */
function look(
  plan: ReturnType<typeof planOf>,
  options = PROBE,
  refusal: (repository: Repository) => ReleaseError | undefined = () => undefined,
  change: Partial<Registry> = {},
) {
  const checkPush = async (repository: Repository, probe: boolean): Promise<void> => {
    asked.push(`${formatRepository(repository)} ${probe}`);
    const error = refusal(repository);
    if (error !== undefined) throw error;
  };
  return lookAtRegistries(plan, options, { registry: { ...registry, checkPush, ...change } });
}

const problemsOf = async (state: ReturnType<typeof look>) =>
  (await state).problems.map(({ code, message }) => `${code} ${message}`);

describe('lookAtRegistries', () => {
  it('asks for the right to push to each repository once, and not at all where nothing is pushed', async () => {
    const plan = planOf(['one', 'two'], ['ghcr.io', 'quay.io']);
    await look(plan);
    expect(asked.sort()).toEqual([
      'ghcr.io/acme/one true',
      'ghcr.io/acme/two true',
      'quay.io/acme/one true',
      'quay.io/acme/two true',
    ]);
    asked = [];
    await look(plan, { push: true, probe: false });
    expect(new Set(asked.map((line) => line.split(' ')[1]))).toEqual(new Set(['false']));
    asked = [];
    await look(plan, { push: false, probe: false });
    expect(asked).toEqual([]);
  });

  it('decides for each image by what its immutable tags hold', async () => {
    const plan = planOf(['ours', 'new', 'theirs']);
    registry.hold({ repository: repositoryOf('ours'), tag: '1.2.3' }, manifest(plan.revision));
    registry.hold({ repository: repositoryOf('theirs'), tag: '1.2.3' }, manifest('f'.repeat(40)));
    registry.hold({ repository: repositoryOf('new'), tag: 'latest' }, manifest('f'.repeat(40)));
    const { adoptions, problems } = await look(plan);
    expect([...adoptions].map(([name, adoption]) => `${name} ${adoption.do}`)).toEqual([
      'ours adopt',
      'new build',
      'theirs refuse',
    ]);
    expect(problems).toMatchObject([{ code: 'TAG_IMMUTABLE' }]);
  });

  it('refuses what holds an immutable tag and cannot be read', async () => {
    const strange = describeBytes(Buffer.from('{"schemaVersion":1}'), MEDIA.dockerManifest);
    registry.hold({ repository: repositoryOf('app'), tag: '1.2.3' }, strange);
    expect(await problemsOf(look(planOf(['app'])))).toEqual([
      expect.stringMatching(
        /^TAG_IMMUTABLE ghcr\.io\/acme\/app:1\.2\.3 already exists .* an unknown revision/,
      ),
    ]);
  });

  it.each(['REGISTRY_LOGIN', 'REGISTRY_UNAVAILABLE'] as const)(
    'tells %s once for each registry, whatever was asked there',
    async (code) => {
      const plan = planOf(['one', 'two', 'three'], ['ghcr.io', 'quay.io']);
      const refuse = (repository: Repository, what: string) =>
        new ReleaseError(code, `${what} ${formatRepository(repository)}`);
      const getManifest: Registry['getManifest'] = async ({ repository }) => {
        throw refuse(repository, 'GET');
      };
      const told = problemsOf(look(plan, PROBE, (repository) => refuse(repository, 'POST'), { getManifest }));
      expect(await told).toEqual([`${code} POST ghcr.io/acme/one`, `${code} POST quay.io/acme/one`]);
    },
  );

  it('tells of every repository that we may not push to, beside the tags that are held', async () => {
    const plan = planOf(['one', 'two', 'three']);
    registry.hold({ repository: repositoryOf('three'), tag: '1.2.3' }, manifest('f'.repeat(40)));
    const forbid = ({ path }: Repository) =>
      path === 'acme/three' ? undefined : new ReleaseError('REGISTRY_FORBIDDEN', path);
    expect(await problemsOf(look(plan, PROBE, forbid))).toEqual([
      'REGISTRY_FORBIDDEN acme/one',
      'REGISTRY_FORBIDDEN acme/two',
      expect.stringMatching(/^TAG_IMMUTABLE .*acme\/three/),
    ]);
  });
});
