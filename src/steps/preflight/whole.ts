import { mapLimit } from '../../model/concurrency.ts';
import type { Digest } from '../../model/digest.ts';
import { blobsOf, decodeManifest } from '../../model/manifest.ts';
import type { Repository } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';

const ASKED_AT_ONCE = 8;

type LookPorts = Pick<Ports, 'registry'>;

/** The first of these repositories that does not hold every manifest, config and layer of the image; undefined when all do. */
export async function firstLacking(
  repositories: readonly Repository[],
  digest: Digest,
  ports: LookPorts,
): Promise<Repository | undefined> {
  for (const repository of repositories) if (!(await isWhole(repository, digest, ports))) return repository;
  return undefined;
}

async function isWhole(repository: Repository, digest: Digest, { registry }: LookPorts): Promise<boolean> {
  const manifest = await registry.getManifest({ repository, digest });
  if (manifest === undefined) return false;
  const document = decodeManifest(manifest.bytes);
  if (document.kind === 'index') {
    const whole = await mapLimit(document.manifests, ASKED_AT_ONCE, (member) =>
      isWhole(repository, member.digest, { registry }),
    );
    return whole.every(Boolean);
  }
  const there = await mapLimit(blobsOf(document), ASKED_AT_ONCE, (blob) =>
    registry.hasBlob(repository, blob),
  );
  return there.every(Boolean);
}
