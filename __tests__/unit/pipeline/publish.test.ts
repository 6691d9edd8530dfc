import { describe, expect, it } from '@jest/globals';
import { ReleaseError } from '../../../src/model/errors.ts';
import type { PublishedModule, TrustedSigner } from '../../../src/model/publish.ts';
import { publishAll, rehearsePublish } from '../../../src/pipeline/publish.ts';
import type { Signing } from '../../../src/pipeline/signing.ts';
import type { Start } from '../../../src/pipeline/start.ts';
import type { Ports } from '../../../src/ports/index.ts';
import type { PublishApi } from '../../../src/ports/publish-api.ts';
import { anInputs, somePublishInputs } from '../../helpers/a-context.ts';
import { aBuiltImage, aPlan, aPlannedImage, aTaggedImage } from '../../helpers/a-release.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import { aTask, noteBoard, SUBJECT } from '../../helpers/publish-bench.ts';
import { quickClock } from '../../helpers/quick-clock.ts';

/** A platform that refuses the modules of these names. */
function platform(
  refused: readonly string[] = [],
  change: Partial<PublishApi> = {},
): PublishApi & { told: string[] } {
  const told: string[] = [];
  return {
    told,
    name: 'HLA-Compass dev',
    realm: 'here',
    signsManifests: false,
    dryRun: async () => ({ kind: 'ready' }),
    async publish({ name }) {
      told.push(name);
      if (refused.includes(name)) throw new ReleaseError('PUBLISH_FAILED', `${name} was refused`);
      return { kind: 'job', job: { id: name, status: 'completed', state: 'published' } };
    },
    ...change,
  };
}

function bench(publishApi: PublishApi, names: readonly string[]) {
  const board = noteBoard();
  const log = fakeLog();
  const { image: _, ...request } = aTask().request;
  const ready = {
    modules: names.map((name) => ({ image: aPlannedImage(name), request: { ...request, name } })),
  };
  const start = { inputs: anInputs({ publish: somePublishInputs() }) } as Start;
  const ports = {
    clock: quickClock(),
    log,
    publishApi,
    registry: board,
    anonymousRegistry: { resolve: async () => SUBJECT },
  } as unknown as Ports;
  return {
    ready,
    start,
    ports,
    log,
    images: names.map((name) => aTaggedImage(aBuiltImage(aPlannedImage(name)))),
  };
}

describe('several modules', () => {
  it('one that fails leaves the others alone, and everything is told', async () => {
    const api = platform(['a', 'c']);
    const { ready, start, ports, images } = bench(api, ['a', 'b', 'c', 'd']);
    let noted: readonly PublishedModule[] = [];
    const work = publishAll(start, ready, images, ports, (published) => {
      noted = published;
    });
    await expect(work).rejects.toMatchObject({
      code: 'PUBLISH_FAILED',
      problems: [{ message: 'a was refused' }, { message: 'c was refused' }],
    });
    expect(api.told).toEqual(['a', 'b', 'c', 'd']);
    expect(noted.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['b published', 'd published']);
  });
});

describe('whom the platform trusts', () => {
  const claims = {
    issuer: 'https://token.actions.githubusercontent.com',
    jobWorkflowRef: 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
  };
  const warnings = async (trustedSigners: readonly TrustedSigner[] | undefined, signer: object = {}) => {
    const api = platform([], {
      dryRun: async () => ({ kind: 'ready', ...(trustedSigners === undefined ? {} : { trustedSigners }) }),
    });
    const { ready, ports, log } = bench(api, ['base']);
    const signing = { signer, claims } as unknown as Signing;
    await rehearsePublish(ready, aPlan(), { signing }, ports);
    return log.lines.filter((line) => line.startsWith('warning: '));
  };
  const byWorkflow = (identityRegexp: string) => ({ type: 'github_actions_oidc', identityRegexp });
  const SAN = 'https://github\\.com/Acme/Modules/\\.github/workflows/release\\.yml@refs/tags/v.*';

  it('the certificate that this run gets, by its whole identity', async () => {
    expect(await warnings([byWorkflow(`^${SAN}$`)])).toEqual([]);
  });

  it('another workflow, which is told before the build', async () => {
    expect(await warnings([byWorkflow('^https://github.com/Acme/Other/')])).toEqual([
      expect.stringContaining(
        'HLA-Compass dev may refuse the image of base: none of the signers that it trusts (github_actions_oidc) matches https://github.com/Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
      ),
    ]);
  });

  it('a key, when a key signs', async () => {
    const signers = [{ type: 'cosign_public_key', publicKey: 'PEM' }];
    expect(await warnings(signers, { publicKey: 'PEM' })).toEqual([]);
    expect(await warnings(signers, { publicKey: 'another' })).toHaveLength(1);
  });

  it('nobody knows, when it does not say', async () => {
    expect(await warnings(undefined)).toEqual([]);
  });
});

describe('the dry run of a version that is there', () => {
  const exists = platform([], { dryRun: async () => ({ kind: 'exists', message: 'VERSION_EXISTS' }) });
  const rehearse = (adoption: 'build' | 'compare') => {
    const { ready, ports } = bench(exists, ['base']);
    const adoptions = new Map([
      ['base', adoption === 'build' ? { do: adoption } : { do: adoption, held: [] }],
    ]);
    return rehearsePublish(ready, aPlan(), { state: { adoptions, problems: [] } }, ports);
  };

  it('ends the run before the build, where no image of it can be ours', async () => {
    await expect(rehearse('build')).rejects.toMatchObject({ code: 'PUBLISH_VERSION_EXISTS' });
  });

  it('is left to its digest, where the registry has one', async () => {
    await expect(rehearse('compare')).resolves.toBeUndefined();
  });
});
