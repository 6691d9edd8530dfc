import { join } from 'node:path';
import type { Attestation } from '../../model/attestation.ts';
import { createSlots, mapLimit } from '../../model/concurrency.ts';
import { digestOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import type { DigestRef, Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { bundleNames } from './names.ts';
import type { Coming, Draft, Storable } from './referrer.ts';
import { storeInGitHub } from './store-github.ts';
import { storeInRegistries } from './store-registry.ts';

export type AttestStore = 'registry' | 'github' | 'file';

export type StoreOptions = {
  readonly stores: readonly AttestStore[];
  /** Nobody asked for GitHub's store by name: where it refuses, a warning says so, and the other stores do. */
  readonly githubMayRefuse?: boolean;
  /** The reports folder, for bundle files. */
  readonly folder: string;
  /** `Owner/Name`, for GitHub's store. */
  readonly repository: string;
  /** For manifests of bundles that no log dated; the same in every run of the commit. */
  readonly created: Date;
};

export type StorePorts = Pick<Ports, 'clock' | 'files' | 'github' | 'log' | 'registry'>;

/** Which services are to get a bundle; default: all. */
export type Wanted = {
  readonly registry: (draft: Draft, repository: Repository) => boolean;
  readonly github: (draft: Draft) => boolean;
};

const EVERYWHERE: Wanted = { registry: () => true, github: () => true };

/** What is signed already. */
export function arrived(signed: readonly Storable[]): readonly Coming[] {
  return signed.map((draft) => ({ draft, signed: Promise.resolve(draft) }));
}

/**
 * Brings every bundle to every store as soon as it is there, and reads it back from there; results in their order. Each is
 * a file first, so that what was signed is not lost when a service fails. Throws what signing throws, and
 * ATTESTATION_NOT_READABLE, GITHUB_REFUSED, REGISTRY_*, after all that could be signed was, and is a file.
 */
export async function storeAttestations(
  coming: readonly Coming[],
  images: readonly PushedImage[],
  options: StoreOptions,
  ports: StorePorts,
  wanted: Wanted = EVERYWHERE,
): Promise<readonly Attestation[]> {
  const { stores } = options;
  const kept = stores.includes('file') ? asFiles(coming, options.folder, ports) : coming;
  let referrers: ReadonlyMap<Coming, readonly DigestRef[]> = new Map();
  let urls: ReadonlyMap<Coming, string> = new Map();
  const services = [
    async () => {
      if (stores.includes('registry'))
        referrers = await storeInRegistries(kept, images, options.created, ports, wanted.registry);
    },
    async () => {
      if (!stores.includes('github')) return;
      urls = await inGitHub(
        kept.filter(({ draft }) => wanted.github(draft)),
        options,
        ports,
      );
    },
    async () => {
      await Promise.allSettled(kept.map(({ signed }) => signed));
    },
  ];
  await mapLimit(services, services.length, (service) => service());
  return Promise.all(
    kept.map(async (each) => {
      const { image, kind, subject, platform, logIndex, bundle, statement, path } = await each.signed;
      const url = urls.get(each);
      return {
        image,
        kind,
        predicateType: statement.predicateType,
        subject,
        ...(platform === undefined ? {} : { platform }),
        digest: digestOf(bundle),
        referrers: referrers.get(each) ?? [],
        ...(url === undefined ? {} : { url }),
        ...(path === undefined ? {} : { path }),
        ...(logIndex === undefined ? {} : { logIndex }),
      };
    }),
  );
}

async function inGitHub(
  coming: readonly Coming[],
  { repository, githubMayRefuse = false }: StoreOptions,
  ports: StorePorts,
): Promise<ReadonlyMap<Coming, string>> {
  try {
    return await storeInGitHub(coming, repository, ports);
  } catch (error) {
    if (!(githubMayRefuse && error instanceof ReleaseError && error.code === 'GITHUB_REFUSED')) throw error;
    ports.log.warning(`The attestations are not in GitHub's store: ${error.message}. ${error.hint}`);
    return new Map();
  }
}

const FILES_AT_ONCE = 8;

/** The same, each of them a file before it goes anywhere else. */
function asFiles(
  coming: readonly Coming[],
  folder: string,
  { files }: Pick<Ports, 'files'>,
): readonly Coming[] {
  const slots = createSlots(FILES_AT_ONCE);
  const names = bundleNames(coming.map(({ draft }) => draft));
  return coming.map(({ draft, signed }, index) => {
    const write = async (): Promise<Storable> => {
      const storable = await signed;
      const { bundle } = storable;
      const path = join(folder, names[index]?.(bundle) ?? `${index}.sigstore.json`);
      return slots(async () => {
        await files.write(path, bundle);
        if ((await files.hash(path)) === digestOf(bundle)) return { ...storable, path };
        throw new ReleaseError('ATTESTATION_NOT_READABLE', `the bundle file has other content: ${path}`);
      });
    };
    return { draft, signed: write() };
  });
}
