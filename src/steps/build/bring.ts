import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { BuiltImage, StagingStore } from '../../model/image.ts';
import type { ImageSource, PlannedImage } from '../../model/plan.ts';
import { isDigestRef, parseReference } from '../../model/reference.ts';
import type { Ports } from '../../ports/index.ts';
import { pullImage } from './adopt.ts';
import { type Archive, openArchive } from './archive.ts';
import { archiveSource, folderSource } from './blob-source.ts';
import { importDockerArchive } from './docker-archive.ts';
import { dockerError } from './docker-error.ts';
import { importImage } from './import-image.ts';
import { makeLayout, writeIndex } from './layout.ts';
import { selectImage, splitSelector } from './select-image.ts';
import { readLayoutIndex, stageImage } from './stage.ts';

type BringPorts = Pick<Ports, 'exec' | 'files' | 'log' | 'registry'>;

/**
 * Takes an image that another tool built into the staging store (`from:`). Throws SOURCE_INVALID with what is wrong with
 * it; every byte is checked against its digest.
 */
export async function bringImage(
  planned: PlannedImage,
  store: StagingStore,
  ports: BringPorts,
): Promise<BuiltImage> {
  const { source } = planned;
  const where = describe(source);
  ports.log.info(`Taking ${planned.name} from ${where}.`);
  try {
    if (source.kind === 'registry') return await bringFromRegistry(planned, source.reference, store, ports);
    await makeLayout(store, planned.name, ports);
    const top = await bringLocal(source, where, store, ports);
    await writeIndex(store, planned.name, top, ports);
    return await stageImage({ planned, store, top, origin: 'brought', fault: 'SOURCE_INVALID' }, ports);
  } catch (cause) {
    if (cause instanceof ReleaseError) throw cause;
    throw new ReleaseError('SOURCE_INVALID', `${where} cannot be used: its documents cannot be read`, {
      cause,
    });
  }
}

function bringFromRegistry(
  planned: PlannedImage,
  text: string,
  store: StagingStore,
  ports: BringPorts,
): Promise<BuiltImage> {
  const from = parseReference(text);
  if (from === undefined || !isDigestRef(from))
    throw new ReleaseError('SOURCE_INVALID', `not a reference with a digest: ${text}`);
  return pullImage({ planned, from, store, origin: 'brought', fault: 'SOURCE_INVALID' }, ports);
}

async function bringLocal(
  source: Exclude<ImageSource, { kind: 'registry' }>,
  where: string,
  store: StagingStore,
  ports: BringPorts,
): Promise<Descriptor> {
  switch (source.kind) {
    case 'bake':
      throw new ReleaseError('INTERNAL', `not an image that is brought: ${source.target}`);
    case 'oci-layout': {
      const { path, selector } = await splitSelector(source.path, ports);
      return bringLayout(path, selector, where, store, ports);
    }
    case 'oci-archive':
    case 'docker-archive': {
      const { path, selector } = await splitSelector(source.path, ports);
      return bringArchive(path, selector, { where, store, partial: false }, ports);
    }
    case 'docker-daemon':
      return bringFromDaemon(source.reference, where, store, ports);
  }
}

async function bringLayout(
  root: string,
  selector: string | undefined,
  where: string,
  store: StagingStore,
  ports: BringPorts,
): Promise<Descriptor> {
  const text = await ports.files.readTextIfExists(`${root}/index.json`);
  if (text === undefined)
    throw new ReleaseError(
      'SOURCE_INVALID',
      `${where} cannot be used: it is no OCI layout, index.json is missing`,
    );
  const top = selectImage(readLayoutIndex(text), selector, where);
  return importImage({ source: folderSource(root), store, where, partial: false }, top, ports);
}

type ArchiveSpec = { readonly where: string; readonly store: StagingStore; readonly partial: boolean };

/** Since Docker 25, `docker save` writes an OCI layout with its old documents beside it. */
async function bringArchive(
  file: string,
  selector: string | undefined,
  spec: ArchiveSpec,
  ports: BringPorts,
): Promise<Descriptor> {
  const folder = await ports.files.makeTempFolder('unpacked');
  try {
    const archive = await openArchive(file, folder, ports);
    if (!archive.has('index.json') || !archive.has('oci-layout'))
      return await importDockerArchive({ ...spec, archive }, selector, ports);
    const top = selectImage(await readArchiveIndex(archive, ports), selector, spec.where);
    return await importImage({ ...spec, source: archiveSource(archive) }, top, ports);
  } finally {
    await ports.files.remove(folder);
  }
}

async function readArchiveIndex(archive: Archive, { files }: BringPorts): Promise<readonly Descriptor[]> {
  await archive.extract(['index.json']);
  return readLayoutIndex(await files.readText(archive.path('index.json')));
}

async function bringFromDaemon(
  reference: string,
  where: string,
  store: StagingStore,
  ports: BringPorts,
): Promise<Descriptor> {
  const folder = await ports.files.makeTempFolder('saved');
  try {
    const file = `${folder}/image.tar`;
    const args = ['save', '--output', file, '--', withTag(reference)];
    const result = await ports.exec.run({ file: 'docker', args, environment: 'full' });
    if (result.exitCode !== 0)
      throw (
        dockerError(result.stderr) ??
        new ReleaseError('SOURCE_INVALID', `${where} cannot be used: ${result.stderr.trim()}`)
      );
    return await bringArchive(file, undefined, { where, store, partial: true }, ports);
  } finally {
    await ports.files.remove(folder);
  }
}

/** `docker save NAME` would save every tag of the name. */
function withTag(reference: string): string {
  const isId = /^(?:sha256:)?[0-9a-f]{12,64}$/.test(reference);
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  return isId || /[:@]/.test(name) ? reference : `${reference}:latest`;
}

function describe(source: ImageSource): string {
  if (source.kind === 'bake') return `the bake target ${source.target}`;
  return `${source.kind}:${'path' in source ? source.path : source.reference}`;
}
