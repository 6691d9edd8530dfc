import { join } from 'node:path';
import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';
import { archiveUrls, CATALOGUE } from './catalogue.ts';
import { listedChecksum } from './checksums.ts';
import type { ToolSpec } from './spec.ts';

type SignedPorts = Pick<Ports, 'files' | 'download' | 'sigstore' | 'log'>;

/** Bytes. Real ones have 5 kB, 10 kB and 4 kB. */
const LIMITS = { checksums: 1024 * 1024, bundle: 1024 * 1024, detached: 64 * 1024 };

/**
 * The SHA-256 of an archive by the vendor's own checksums file, believed only when the vendor's release workflow signed it.
 * A mirror changes where the files come from, never who must have signed them. Undefined when there is no such file, or
 * nothing that signs it; throws TOOL_UNVERIFIED for what is not proven, SIGSTORE_UNAVAILABLE when it cannot be judged.
 */
export async function signedChecksum(
  spec: ToolSpec,
  version: string,
  archive: string,
  ports: SignedPorts,
): Promise<string | undefined> {
  const { title, signer } = CATALOGUE[spec.name];
  const folder = await ports.files.makeTempFolder(`checksums-${spec.name}`);
  const get = (file: string, limit: number) =>
    fetchSmall(archiveUrls(spec.name, version, file, spec.mirror), join(folder, file), limit, ports);
  const name = `${spec.name}_${version}_checksums.txt`;
  try {
    const bytes = await get(name, LIMITS.checksums);
    if (bytes === undefined) return undefined;
    const bundle =
      (await get(`${name}.sigstore.json`, LIMITS.bundle)) ?? (await detached(title, name, bytes, get, ports));
    if (bundle === undefined) return undefined;
    const identity = signer(version);
    const wrong = await spec.prove({ name, bytes, bundle, identity });
    if (wrong !== undefined) throw unproven(title, `${name}: ${wrong}`);
    const checksum = listedChecksum(Buffer.from(bytes).toString('utf8'), archive);
    if (checksum === undefined) throw unproven(title, `${name} does not list ${archive}`);
    ports.log.info(`The release workflow of ${identity.repository.value} has signed ${name}.`);
    return checksum;
  } catch (error) {
    throw error instanceof ReleaseError && error.code === 'SIGSTORE_UNAVAILABLE'
      ? new ReleaseError(error.code, `the signature of ${name} cannot be checked now: ${error.message}`, {
          hint: `Re-run the job; without access to Sigstore give the SHA-256 of ${archive} in \`tool-checksums\`, or install ${title} and set \`${spec.name}-path\`.`,
          cause: error,
        })
      : error;
  } finally {
    await ports.files.remove(folder);
  }
}

type Get = (file: string, limit: number) => Promise<Uint8Array | undefined>;

/** Older releases have signature and certificate side by side; when they were made is known to the log alone. */
async function detached(
  title: string,
  name: string,
  artifact: Uint8Array,
  get: Get,
  { sigstore }: SignedPorts,
): Promise<Uint8Array | undefined> {
  const signature = await get(`${name}.sig`, LIMITS.detached);
  const certificate = await get(`${name}.pem`, LIMITS.detached);
  if (signature === undefined || certificate === undefined) return undefined;
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const bundle = await sigstore.bundleOf({
    artifact,
    signature: text(signature),
    certificate: text(certificate),
  });
  if (bundle === undefined)
    throw unproven(title, `${name}.sig is no signature of it that the transparency log knows`);
  return bundle;
}

async function fetchSmall(
  urls: readonly string[],
  path: string,
  limit: number,
  { download, files }: SignedPorts,
): Promise<Uint8Array | undefined> {
  for (const url of urls) {
    if ((await download.file(url, path, limit)) !== undefined) return files.read(path);
  }
  return undefined;
}

function unproven(title: string, what: string): ReleaseError {
  return new ReleaseError('TOOL_UNVERIFIED', `the download of ${title} is not the vendor’s: ${what}`, {
    hint: 'Do not use these files. Check `tools-mirror`, give the SHA-256 in `tool-checksums`, or install the tool yourself.',
  });
}
