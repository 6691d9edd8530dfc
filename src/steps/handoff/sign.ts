import { join } from 'node:path';
import { PAYLOAD_TYPE } from '../../model/attestation.ts';
import { ReleaseError } from '../../model/errors.ts';
import { BUNDLE_LIMIT } from '../../model/verification.ts';
import type { Ports } from '../../ports/index.ts';
import type { Signer } from '../../ports/sigstore.ts';
import { HANDOFF_BUNDLE, handoffStatement } from './statement.ts';
import type { WrittenHandoff } from './write.ts';

/** Signs a handoff, and lays the bundle beside it. Throws SIGSTORE_UNAVAILABLE, OIDC_MISSING. */
export async function signHandoff(
  { folder, handoff, digest }: WrittenHandoff,
  signer: Signer,
  { files }: Pick<Ports, 'files'>,
): Promise<void> {
  const payload = new TextEncoder().encode(JSON.stringify(handoffStatement(handoff, digest)));
  const { bundle } = await signer.sign(payload, PAYLOAD_TYPE);
  await files.write(join(folder, HANDOFF_BUNDLE), bundle);
}

/** The bundle beside a handoff; undefined when there is none. Throws HANDOFF_INVALID when it is none that can be read. */
export async function readBundle(
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<Uint8Array | undefined> {
  const path = join(folder, HANDOFF_BUNDLE);
  if (!(await files.exists(path))) return undefined;
  const size = await files.size(path);
  if (size === undefined || size > BUNDLE_LIMIT || (await files.isFolder(path)))
    throw new ReleaseError(
      'HANDOFF_INVALID',
      `the handoff ${folder} is not proven: ${HANDOFF_BUNDLE} is no file of at most ${BUNDLE_LIMIT} bytes`,
    );
  return files.read(path);
}
