import { join } from 'node:path';
import type { Attestation } from '../../model/attestation.ts';
import { mapLimit } from '../../model/concurrency.ts';
import { type Digest, digestOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { PushedImage } from '../../model/image.ts';
import type { DigestRef, Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { bundleNames } from './names.ts';
import type { Storable } from './referrer.ts';
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
  readonly registry: (signed: Storable, repository: Repository) => boolean;
  readonly github: (signed: Storable) => boolean;
};

const EVERYWHERE: Wanted = { registry: () => true, github: () => true };

/**
 * Brings every bundle to every store, and reads it back from there; results in the order of `signed`. Files come first,
 * so that what was signed is not lost when a service fails. Throws ATTESTATION_NOT_READABLE, GITHUB_REFUSED, REGISTRY_*.
 */
export async function storeAttestations(
  signed: readonly Storable[],
  images: readonly PushedImage[],
  options: StoreOptions,
  ports: StorePorts,
  wanted: Wanted = EVERYWHERE,
): Promise<readonly Attestation[]> {
  const { stores } = options;
  const paths = stores.includes('file') ? await writeFiles(signed, options.folder, ports) : [];
  let referrers: ReadonlyMap<Storable, readonly DigestRef[]> = new Map();
  let urls: ReadonlyMap<Storable, string> = new Map();
  const services = [
    async () => {
      if (stores.includes('registry'))
        referrers = await storeInRegistries(signed, images, options.created, ports, wanted.registry);
    },
    async () => {
      if (stores.includes('github')) urls = await inGitHub(signed.filter(wanted.github), options, ports);
    },
  ];
  await mapLimit(services, services.length, (service) => service());
  return signed.map((statement, index) => {
    const { image, kind, subject, platform, logIndex } = statement;
    const url = urls.get(statement);
    const path = paths[index];
    return {
      image,
      kind,
      predicateType: statement.statement.predicateType,
      subject,
      ...(platform === undefined ? {} : { platform }),
      digest: digestOf(statement.bundle),
      referrers: referrers.get(statement) ?? [],
      ...(url === undefined ? {} : { url }),
      ...(path === undefined ? {} : { path }),
      ...(logIndex === undefined ? {} : { logIndex }),
    };
  });
}

async function inGitHub(
  signed: readonly Storable[],
  { repository, githubMayRefuse = false }: StoreOptions,
  ports: StorePorts,
): Promise<ReadonlyMap<Storable, string>> {
  try {
    return await storeInGitHub(signed, repository, ports);
  } catch (error) {
    if (!(githubMayRefuse && error instanceof ReleaseError && error.code === 'GITHUB_REFUSED')) throw error;
    ports.log.warning(`The attestations are not in GitHub's store: ${error.message}. ${error.hint}`);
    return new Map();
  }
}

const FILES_AT_ONCE = 8;

async function writeFiles(
  signed: readonly Storable[],
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly string[]> {
  const names = bundleNames(signed);
  return mapLimit(signed, FILES_AT_ONCE, async ({ bundle }, index) => {
    const path = join(folder, names[index] ?? `${index}.sigstore.json`);
    await files.write(path, bundle);
    const expected: Digest = digestOf(bundle);
    if ((await files.hash(path)) === expected) return path;
    throw new ReleaseError('ATTESTATION_NOT_READABLE', `the bundle file has other content: ${path}`);
  });
}
