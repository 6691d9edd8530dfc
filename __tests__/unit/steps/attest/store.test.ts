import { describe, expect, it } from '@jest/globals';
import type { SignedStatement } from '../../../../src/model/attestation.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import { formatReference, formatRepository } from '../../../../src/model/reference.ts';
import type { GitHub } from '../../../../src/ports/github.ts';
import type { Coming } from '../../../../src/steps/attest/referrer.ts';
import { type AttestStore, arrived, storeAttestations } from '../../../../src/steps/attest/store.ts';
import { aBuiltImage, aPlannedImage, aTaggedImage } from '../../../helpers/a-release.ts';
import { aSigned, CREATED } from '../../../helpers/a-signed.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { fakeGitHub as noGitHub } from '../../../helpers/fake-ports.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';
import { fakeRegistry } from '../../../helpers/registry/fake-registry.ts';

const TWO = [
  { registry: 'ghcr.io', path: 'acme/base' },
  { registry: 'registry.example.com', path: 'mirror/base' },
];
const base = aTaggedImage(aBuiltImage(aPlannedImage('base', { repositories: TWO })));
const tool = aTaggedImage(aBuiltImage(aPlannedImage('tool')));
const [amd64, arm64] = base.platforms.map(({ descriptor }) => descriptor.digest);

const SIGNED = [
  aSigned({ image: 'base', subject: base.descriptor.digest, logIndex: '17' }),
  aSigned({ image: 'base', subject: base.descriptor.digest, kind: 'signature' }),
  aSigned({
    image: 'base',
    subject: amd64 ?? digestOf(''),
    platform: 'linux/amd64',
    kind: 'cyclonedx',
    registryOnly: true,
  }),
  aSigned({ image: 'base', subject: arm64 ?? digestOf(''), platform: 'linux/arm64', kind: 'cyclonedx' }),
  aSigned({ image: 'tool', subject: tool.descriptor.digest }),
];

/** A store that shows each bundle from the given look on. */
function fakeGitHub(shownAfter = 0): GitHub & { readonly stored: Uint8Array[] } {
  const stored: Uint8Array[] = [];
  const looks = new Map<Uint8Array, number>();
  return {
    ...noGitHub(),
    stored,
    async storeAttestation(repository, bundle) {
      stored.push(bundle);
      return `https://github.com/${repository}/attestations/${stored.length}`;
    },
    async hasAttestation(_repository, _subject, bundle) {
      const look = (looks.get(bundle) ?? 0) + 1;
      looks.set(bundle, look);
      return look > shownAfter && stored.includes(bundle);
    },
  };
}

function bench(github = fakeGitHub()) {
  const registry = fakeRegistry();
  const clock = { now: () => CREATED, elapsed: () => 0, sleep: async () => undefined };
  const ports = { registry, github, clock, files: memoryFiles(), log: fakeLog() };
  const store = (
    stores: readonly AttestStore[],
    coming: readonly Coming[] = arrived(SIGNED),
    githubMayRefuse = false,
  ) =>
    storeAttestations(
      coming,
      [base, tool],
      { stores, folder: '/reports', repository: 'Acme/Modules', created: CREATED, githubMayRefuse },
      ports,
    );
  return { ...ports, store };
}

describe('bundles', () => {
  it('go to every registry of their image, all of a digest at once', async () => {
    const { registry, store } = bench();
    const attestations = await store(['registry']);
    const { digest } = base.descriptor;
    expect([...registry.writes].sort()).toEqual(
      [
        ...TWO.flatMap((repository) => [
          `attach ${formatReference({ repository, digest })} 2`,
          `attach ${formatRepository(repository)}@${amd64} 1`,
          `attach ${formatRepository(repository)}@${arm64} 1`,
        ]),
        `attach ghcr.io/acme/tool@${tool.descriptor.digest} 1`,
      ].sort(),
    );
    expect(attestations.map(({ referrers }) => referrers.map(({ repository }) => repository))).toEqual([
      TWO,
      TWO,
      TWO,
      TWO,
      tool.planned.repositories,
    ]);
    for (const { referrers } of attestations)
      for (const ref of referrers) expect(registry.manifests.has(formatReference(ref))).toBe(true);
  });

  it('come back in order, as what they are', async () => {
    const { store } = bench();
    const attestations = await store(['registry', 'github', 'file']);
    expect(attestations.map(({ image, kind, platform }) => [image, kind, platform])).toEqual(
      SIGNED.map(({ image, kind, platform }) => [image, kind, platform]),
    );
    expect(attestations.map(({ digest }) => digest)).toEqual(SIGNED.map(({ bundle }) => digestOf(bundle)));
    expect(attestations[0]).toMatchObject({
      logIndex: '17',
      predicateType: 'https://slsa.dev/provenance/v1',
    });
  });

  it('go to GitHub one by one, but for those that are too large', async () => {
    const { github, store, log } = bench();
    const attestations = await store(['github']);
    expect(github).toMatchObject({ stored: { length: 4 } });
    expect(attestations.map(({ url }) => url?.replace(/\d+$/, 'N'))).toEqual(
      [true, true, false, true, true].map((there) =>
        there ? 'https://github.com/Acme/Modules/attestations/N' : undefined,
      ),
    );
    expect(new Set(attestations.map(({ url }) => url)).size).toBe(5);
    expect(attestations.every(({ referrers }) => referrers.length === 0)).toBe(true);
    expect(log.lines.join('\n')).toContain('1 too large');
  });

  it('become files, each with its own name', async () => {
    const { files, store } = bench();
    const attestations = await store(['file']);
    for (const [index, { path = '' }] of attestations.entries())
      expect(await files.read(path)).toEqual(SIGNED[index]?.bundle);
    expect(attestations[3]?.path).toBe('/reports/base@linux-arm64.cyclonedx.sigstore.json');
    expect(files.tree.size).toBe(SIGNED.length);
  });

  it('are files before a service can fail', async () => {
    const { files, registry, store } = bench();
    registry.fail(/^attach/);
    await expect(store(['registry', 'file'])).rejects.toThrow(ReleaseError);
    expect(files.tree.size).toBe(SIGNED.length);
  });

  it('go to a registry as soon as those of their digest are there, and are read back when all are', async () => {
    const { registry, store } = bench();
    const late = SIGNED.at(-1);
    let sign = () => {};
    const signed = new Promise<SignedStatement>((done) => {
      sign = () => late !== undefined && done(late);
    });
    const coming = SIGNED.map((draft) => ({
      draft,
      signed: draft === late ? signed : Promise.resolve(draft),
    }));
    const storing = store(['registry', 'file'], coming);
    while (registry.writes.length < 6) await new Promise((later) => setImmediate(later));
    expect(registry.writes.some((line) => line.includes('acme/tool'))).toBe(false);
    expect(registry.reads).toEqual([]);
    sign();
    expect(await storing).toHaveLength(SIGNED.length);
    expect(registry.reads.filter((line) => line.startsWith('get'))).toHaveLength(SIGNED.length + 4);
  });

  it('that were signed are files and in the registry, where the next could not be', async () => {
    const { files, registry, store } = bench();
    const coming = SIGNED.map((draft, index) => ({
      draft,
      signed:
        index < 2 ? Promise.resolve(draft) : Promise.reject(new ReleaseError('SIGSTORE_UNAVAILABLE', 'down')),
    }));
    await expect(store(['registry', 'github', 'file'], coming)).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
    });
    expect(files.tree.size).toBe(2);
    const { digest } = base.descriptor;
    expect([...registry.writes].sort()).toEqual(
      TWO.map((repository) => `attach ${formatReference({ repository, digest })} 2`).sort(),
    );
  });

  it('none: nothing is done', async () => {
    const { registry, store } = bench();
    expect(await store(['registry', 'github', 'file'], [])).toEqual([]);
    expect(registry.writes).toEqual([]);
  });

  it.each([true, false])('that GitHub refuses: asked for by default: %s', async (byDefault) => {
    const refuse = async () => {
      throw new ReleaseError('GITHUB_REFUSED', 'no right', { hint: 'Add `attestations: write`.' });
    };
    const { store, log } = bench({ ...fakeGitHub(), storeAttestation: refuse });
    const stored = store(['registry', 'github'], arrived(SIGNED), byDefault);
    if (!byDefault) return expect(stored).rejects.toMatchObject({ code: 'GITHUB_REFUSED' });
    const attestations = await stored;
    expect(attestations.map(({ url, referrers }) => [url, referrers.length > 0])).toEqual(
      SIGNED.map(() => [undefined, true]),
    );
    expect(log.lines.join('\n')).toMatch(/not in GitHub's store: no right\. Add `attestations: write`\./);
  });

  it('of an image that was not pushed are a bug', async () => {
    const { store } = bench();
    for (const stray of [{ image: 'other' }, { image: 'base', subject: digestOf('other') }])
      await expect(store(['registry'], arrived([aSigned(stray)]))).rejects.toMatchObject({
        code: 'INTERNAL',
      });
  });
});

describe('what cannot be read back', () => {
  it('in a registry that forgets referrers is an error', async () => {
    const { registry, store } = bench();
    registry.forgetReferrers();
    await expect(store(['registry'])).rejects.toMatchObject({
      code: 'ATTESTATION_NOT_READABLE',
      message: expect.stringMatching(/are not listed: /),
    });
  });

  it('at GitHub is waited for', async () => {
    const { store } = bench(fakeGitHub(3));
    await expect(store(['github'])).resolves.toHaveLength(5);
  });

  it('at GitHub for long is an error', async () => {
    const { store } = bench(fakeGitHub(100));
    await expect(store(['github'])).rejects.toMatchObject({ code: 'ATTESTATION_NOT_READABLE' });
  });
});
