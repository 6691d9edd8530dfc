import { join } from 'node:path';
import { hexOf } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Tool } from '../../model/tool.ts';
import type { Ports } from '../../ports/index.ts';
import { askVersion } from './ask-version.ts';
import { archiveUrls, CATALOGUE } from './catalogue.ts';
import { signedChecksum } from './signed-checksum.ts';
import { cachePlace, pinnedVersion, refuseUnfit, type ToolSpec } from './spec.ts';

type DownloadPorts = Pick<Ports, 'exec' | 'files' | 'download' | 'sigstore' | 'log'>;

/** The pinned version from the vendor or a mirror: nothing of it is opened or run before its SHA-256 was found right. */
export async function downloadTool(spec: ToolSpec, ports: DownloadPorts): Promise<Tool> {
  const { name } = spec;
  const version = pinnedVersion(spec);
  refuseUnfit(name, version, `${name}-version`);
  const file = expectedArchive(spec, version.raw);
  const checksum = await expectedChecksum(spec, version.raw, file, ports);
  const folder = await ports.files.makeTempFolder(`tool-${name}`);
  const archive = join(folder, file);
  const urls = archiveUrls(name, version.raw, file, spec.mirror);
  const from = await fetchVerified(urls, archive, checksum, spec, ports);
  await unpack(archive, folder, name, ports);
  const path = join(folder, name);
  const told = await askVersion(name, path, ports);
  if (told?.raw !== version.raw)
    throw new ReleaseError(
      'TOOL_UNVERIFIED',
      `${file} holds another version: ${told?.raw ?? 'it tells none'}`,
    );
  return { name, version: version.raw, path: await keep(path, spec, ports), from };
}

function expectedArchive(spec: ToolSpec, version: string): string {
  const { title, archive } = CATALOGUE[spec.name];
  const install = `Install ${title} ${version}, or point \`${spec.name}-path\` at it.`;
  if (spec.offline)
    throw new ReleaseError(
      'TOOL_MISSING',
      `${title} is not on this runner, and \`offline\` forbids a download`,
      {
        hint: install,
      },
    );
  const file = archive(version, spec.host);
  if (file === undefined) {
    const host = `${spec.host.os}/${spec.host.arch}`;
    throw new ReleaseError('TOOL_MISSING', `${title} has no archive for ${host}`, { hint: install });
  }
  return file;
}

/** Given, compiled in, or proven to be the vendor's. */
async function expectedChecksum(
  spec: ToolSpec,
  version: string,
  file: string,
  ports: DownloadPorts,
): Promise<string> {
  const { title, checksums } = CATALOGUE[spec.name];
  const known = spec.checksums[file] ?? checksums[file];
  const checksum = known ?? (await signedChecksum(spec, version, file, ports));
  if (checksum !== undefined) return checksum;
  throw new ReleaseError('TOOL_UNVERIFIED', `no SHA-256 is known for the download of ${title}: ${file}`, {
    hint: `There is no signed checksums file of that release. Give it in \`tool-checksums\` (\`${file} <sha256>\`), or install ${title} and set \`${spec.name}-path\`.`,
  });
}

/** Tries the places in order and returns the one that had it. A file with other bytes is removed and never opened. */
async function fetchVerified(
  urls: readonly string[],
  archive: string,
  checksum: string,
  spec: ToolSpec,
  ports: DownloadPorts,
): Promise<string> {
  for (const url of urls) {
    const digest = await ports.download.file(url, archive);
    if (digest === undefined) continue;
    if (hexOf(digest) === checksum.toLowerCase()) return url;
    await ports.files.remove(archive);
    throw new ReleaseError(
      'TOOL_UNVERIFIED',
      `the download has another SHA-256 than expected: ${url} has ${hexOf(digest)}, expected ${checksum}`,
      {
        hint: 'Do not use this file. Check `tools-mirror` and `tool-checksums`, or install the tool yourself.',
      },
    );
  }
  throw new ReleaseError('TOOL_MISSING', `the download does not exist: ${urls.join(', ')}`, {
    hint: `Check \`${spec.name}-version\` and \`tools-mirror\`, or install it and set \`${spec.name}-path\`.`,
  });
}

/** Only the program itself leaves the archive. */
async function unpack(archive: string, folder: string, name: string, ports: DownloadPorts): Promise<void> {
  const result = await ports.exec.run({
    file: 'tar',
    args: ['-xzf', archive, '-C', folder, '-o', name],
    environment: 'minimal',
  });
  await ports.files.remove(archive);
  if (result.exitCode !== 0)
    throw new ReleaseError(
      'TOOL_UNVERIFIED',
      `the archive cannot be unpacked: ${archive}: ${result.stderr.trim()}`,
    );
}

/** Moves the tool into the runner's tool cache, so that the next job finds it; returns where it is now. */
async function keep(path: string, spec: ToolSpec, ports: DownloadPorts): Promise<string> {
  const place = cachePlace(spec);
  if (place === undefined) return path;
  try {
    await ports.files.move(path, place.path);
    await ports.files.write(place.marker, '');
    return place.path;
  } catch (error) {
    ports.log.debug(`The tool cache cannot be written: ${String(error)}`);
    return (await ports.files.exists(path)) ? path : place.path;
  }
}
