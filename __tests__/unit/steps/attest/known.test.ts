import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import { formatReference, type Repository } from '../../../../src/model/reference.ts';
import type { GitHub } from '../../../../src/ports/github.ts';
import { isKnown, type KnownEvidence, spreadEvidence } from '../../../../src/steps/attest/known.ts';
import type { StoreOptions } from '../../../../src/steps/attest/store.ts';
import { aBuiltImage, aPlannedImage, aTaggedImage } from '../../../helpers/a-release.ts';
import { aSigned, CREATED } from '../../../helpers/a-signed.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { fakeGitHub } from '../../../helpers/fake-ports.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';
import { fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const HERE = { registry: 'ghcr.io', path: 'acme/base' };
const THERE = { registry: 'registry.example.com', path: 'mirror/base' };
const base = aTaggedImage(aBuiltImage(aPlannedImage('base', { repositories: [HERE, THERE] })));
const { digest } = base.descriptor;

const REFERRER = digestOf('the manifest of a bundle');

function known(places: readonly Repository[], change: Partial<KnownEvidence> = {}): KnownEvidence {
  const { image, kind, subject, bundle } = aSigned({ image: 'base', subject: digest });
  const at = places.map((repository) => ({ repository, digest: REFERRER }));
  return { image, kind, subject, bundle, at, logIndex: '7', ...change };
}

async function spread(
  evidence: readonly KnownEvidence[],
  change: Partial<StoreOptions> = {},
  github: GitHub = fakeGitHub(),
) {
  const registry = fakeRegistry();
  const clock = { now: () => CREATED, elapsed: () => 0, sleep: async () => undefined };
  const log = fakeLog();
  const options: StoreOptions = {
    stores: ['registry'],
    folder: '/reports',
    repository: 'Acme/Modules',
    created: CREATED,
    ...change,
  };
  const files = memoryFiles();
  const ports = { registry, clock, log, github, files };
  const all = await spreadEvidence(evidence, [base], options, ports);
  const brought = all.filter((each) => each.known !== true);
  return { all, brought, writes: registry.writes, log, files };
}

/** A store with some bundles in it. */
function gitHubWith(...held: readonly Uint8Array[]): GitHub & { readonly stored: Uint8Array[] } {
  const stored = [...held];
  return {
    ...fakeGitHub(),
    stored,
    storeAttestation: async (repository, bundle) => {
      stored.push(bundle);
      return `https://github.com/${repository}/attestations/${stored.length}`;
    },
    hasAttestation: async (_repository, _subject, bundle) => stored.includes(bundle),
  };
}

describe('evidence of an earlier run', () => {
  it('is brought to the registry that lacks it, all of a digest at once, and to no other', async () => {
    const two = await spread([known([HERE]), known([HERE], { kind: 'signature' })]);
    expect(two.writes).toEqual([`attach ${formatReference({ repository: THERE, digest })} 2`]);
    expect(two.brought).toMatchObject([
      {
        kind: 'provenance',
        subject: digest,
        logIndex: '7',
        referrers: [{ repository: HERE, digest: REFERRER }, { repository: THERE }],
      },
      { kind: 'signature', subject: digest, referrers: [{ repository: HERE }, { repository: THERE }] },
    ]);
    const one = await spread([known([THERE]), known([HERE, THERE], { kind: 'signature' })]);
    expect(one.writes).toEqual([`attach ${formatReference({ repository: HERE, digest })} 1`]);
    expect(one.brought.map(({ kind }) => kind)).toEqual(['provenance']);
    expect(await spread([known([HERE, THERE])])).toMatchObject({ brought: [], writes: [] });
    expect(await spread([known([HERE])], { stores: ['file'] })).toMatchObject({ brought: [], writes: [] });
  });

  it('is brought to the store of GitHub when that lacks it', async () => {
    const [there, lacking] = [known([HERE, THERE]), known([HERE, THERE], { kind: 'scan' })];
    const github = gitHubWith(there.bundle);
    const { brought, writes } = await spread([there, lacking], { stores: ['registry', 'github'] }, github);
    expect(github.stored).toEqual([there.bundle, lacking.bundle]);
    expect(brought).toMatchObject([
      {
        kind: 'scan',
        url: 'https://github.com/Acme/Modules/attestations/2',
        referrers: [{ repository: HERE }, { repository: THERE }],
      },
    ]);
    expect(writes).toEqual([]);
  });

  it('is there as files again, also when every store has it', async () => {
    const evidence = [known([HERE, THERE]), known([HERE, THERE], { kind: 'scan', platform: 'linux/amd64' })];
    const { all, files, writes } = await spread(evidence, { stores: ['registry', 'file'] });
    const paths = ['/reports/base.provenance.sigstore.json', '/reports/base@linux-amd64.scan.sigstore.json'];
    expect(all.map(({ path, known: isKnown }) => [path, isKnown])).toEqual(paths.map((path) => [path, true]));
    for (const [index, path] of paths.entries())
      expect(await files.read(path)).toEqual(evidence[index]?.bundle);
    expect(writes).toEqual([]);
  });

  it('stays where it is when GitHub may refuse and does', async () => {
    const refusing: GitHub = {
      ...fakeGitHub(),
      hasAttestation: () => Promise.reject(new ReleaseError('GITHUB_REFUSED', 'no right')),
    };
    const stores = ['registry', 'github'] as const;
    const evidence = [known([HERE, THERE])];
    const { brought } = await spread(evidence, { stores, githubMayRefuse: true }, refusing);
    expect(brought).toEqual([]);
    await expect(spread(evidence, { stores }, refusing)).rejects.toMatchObject({ code: 'GITHUB_REFUSED' });
  });

  it('is of one image, digest and kind: equal bytes under another name have none', () => {
    const evidence = [known([HERE])];
    const draft = { image: 'base', kind: 'provenance', subject: digest } as const;
    const [member] = base.platforms;
    expect(isKnown(draft, evidence)).toBe(true);
    expect(isKnown({ ...draft, image: 'other' }, evidence)).toBe(false);
    expect(isKnown({ ...draft, kind: 'scan' }, evidence)).toBe(false);
    expect(isKnown({ ...draft, subject: member?.descriptor.digest ?? digest }, evidence)).toBe(false);
  });
});
