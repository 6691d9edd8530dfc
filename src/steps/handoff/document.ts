import { formatPlatform, type Platform, parsePlatform } from '../../model/descriptor.ts';
import { digestOf, parseDigest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { HandedImage, HandedPlatform, Handoff } from '../../model/handoff.ts';
import { type HandoffDocument, handoffSchema } from './schema.ts';

/** The name of the document in its folder. */
export const HANDOFF = 'handoff.json';
/** The folder of the reports beside it. */
export const REPORTS = 'reports';
/** Bytes of the largest handoff.json that is read. */
export const HANDOFF_LIMIT = 16 * 1024 * 1024;

/** The text of handoff.json: every handoff has one form, and its seal is over all of it. */
export function formatHandoff(handoff: Handoff): string {
  return seal(documentOf(handoff));
}

/**
 * The handoff in a text of anybody; `where` names it in messages. Only the very bytes that `formatHandoff` would write are
 * taken, so that no changed byte goes unseen. Throws HANDOFF_INVALID, and nothing else.
 */
export function parseHandoff(text: string, where: string): Handoff {
  const invalid = (why: string): ReleaseError =>
    new ReleaseError('HANDOFF_INVALID', `the handoff ${where} is not whole: ${why}`);
  if (text.length > HANDOFF_LIMIT) throw invalid(`it has more than ${HANDOFF_LIMIT} bytes`);
  const json = jsonOf(text);
  if (json === undefined) throw invalid('it is not JSON');
  const parsed = handoffSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    // Names in a path may be those of a stranger.
    const at = (issue?.path.join('.') ?? '').slice(0, 200).replace(/[^ -~]/g, '?');
    throw invalid(`${at === '' ? 'the document' : at}: ${issue?.message ?? 'not in its form'}`);
  }
  const handoff = handoffOf(parsed.data);
  if (handoff === undefined) throw invalid('a digest or a platform is none');
  const fault = faultOf(handoff);
  if (fault !== undefined) throw invalid(fault);
  if (formatHandoff(handoff) !== text)
    throw invalid('it was changed after it was written: its seal does not fit');
  return handoff;
}

/** The seal is in no value that it covers, and stands last. */
function seal(document: HandoffDocument): string {
  const digest = digestOf(JSON.stringify(document));
  return `${JSON.stringify({ ...document, seal: digest }, null, 1)}\n`;
}

/** In one order of keys, whatever order the value has. */
function documentOf({ images, ...handoff }: Handoff): HandoffDocument {
  const { gate, scanner, scanned, tools, run } = handoff;
  return {
    schemaVersion: 1,
    shard: handoff.shard,
    repository: handoff.repository,
    revision: handoff.revision,
    run: { id: run.id, attempt: run.attempt },
    bytes: handoff.bytes,
    gate: {
      scanners: [...gate.scanners],
      skipDirs: [...gate.skipDirs],
      skipFiles: [...gate.skipFiles],
      sbom: [...gate.sbom],
    },
    scanner: { name: scanner.name, version: scanner.version, ...databaseOf(scanner) },
    startedOn: handoff.startedOn,
    scanned: { startedOn: scanned.startedOn, finishedOn: scanned.finishedOn },
    tools: tools.map(({ name, version, from }) => ({ name, version, from })),
    images: images.map((image) => ({
      name: image.name,
      repositories: [...image.repositories],
      ...(image.definition === undefined ? {} : { definition: image.definition }),
      ...(image.top === undefined ? {} : { top: image.top }),
      platforms: image.platforms.map(platformDocument),
    })),
  };
}

/** Of a scanner of either side. */
function databaseOf({ database }: Pick<HandoffDocument['scanner'], 'database'> | Handoff['scanner']) {
  if (database === undefined) return {};
  const { updatedAt, digest, source } = database;
  return { database: { updatedAt, ...(digest === undefined ? {} : { digest }), source } };
}

type PlatformDocument = HandoffDocument['images'][number]['platforms'][number];

function platformDocument(handed: HandedPlatform): PlatformDocument {
  const { descriptor, materials, packages } = handed;
  return {
    platform: platformText(handed.platform),
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    manifestSize: descriptor.size,
    origin: handed.origin,
    size: handed.size,
    parents: { ...handed.parents },
    ...(materials === undefined
      ? {}
      : { materials: materials.map(({ uri, digest }) => ({ uri, digest: { ...digest } })) }),
    ...(packages === undefined ? {} : { packages }),
    reports: handed.reports.map(({ kind, file, digest }) => ({ kind, file, digest })),
  };
}

/** `linux/arm64` and `linux/arm64/v8` are one. */
function platformText(platform: Platform): string {
  const text = formatPlatform(platform);
  const plain = parsePlatform(text);
  return plain === undefined ? text : formatPlatform(plain);
}

/** Undefined where a text that passed its check is none: for the compiler alone. */
function handoffOf({ schemaVersion: _, images, scanner, ...rest }: HandoffDocument): Handoff | undefined {
  const handed = images.map(imageOf).filter((image) => image !== undefined);
  if (handed.length < images.length) return undefined;
  const { name, version } = scanner;
  return { ...rest, scanner: { name, version, ...databaseOf(scanner) }, images: handed };
}

function imageOf({
  name,
  repositories,
  definition,
  top: pushed,
  platforms,
}: HandoffDocument['images'][number]): HandedImage | undefined {
  const handed = platforms.map(platformOf).filter((platform) => platform !== undefined);
  if (handed.length < platforms.length) return undefined;
  const top = pushed === undefined ? undefined : parseDigest(pushed);
  return {
    name,
    repositories,
    ...(definition === undefined ? {} : { definition }),
    ...(top === undefined ? {} : { top }),
    platforms: handed,
  };
}

function platformOf(raw: PlatformDocument): HandedPlatform | undefined {
  const platform = parsePlatform(raw.platform);
  const digest = parseDigest(raw.digest);
  if (platform === undefined || digest === undefined) return undefined;
  const reports = raw.reports.flatMap((report) => {
    const known = parseDigest(report.digest);
    return known === undefined ? [] : [{ ...report, digest: known }];
  });
  const parents = Object.entries(raw.parents).flatMap(([name, text]) => {
    const known = parseDigest(text);
    return known === undefined ? [] : [[name, known] as const];
  });
  return {
    platform,
    descriptor: { mediaType: raw.mediaType, digest, size: raw.manifestSize },
    origin: raw.origin,
    size: raw.size,
    parents: Object.fromEntries(parents),
    ...(raw.materials === undefined ? {} : { materials: raw.materials }),
    ...(raw.packages === undefined ? {} : { packages: raw.packages }),
    reports,
  };
}

/** What the form alone does not say. */
function faultOf({ bytes, images }: Handoff): string | undefined {
  const files = new Set<string>();
  const names = new Set<string>();
  for (const { name, repositories, top, platforms } of images) {
    if (names.has(name)) return `it names the image ${name} twice`;
    names.add(name);
    if (bytes === 'registry' && repositories.length === 0) return `the image ${name} is at no registry`;
    if (bytes === 'beside' && (repositories.length > 0 || top !== undefined))
      return `the image ${name} is at a registry, and its bytes are said to lie beside the handoff`;
    const texts = platforms.map(({ platform }) => formatPlatform(platform));
    if (new Set(texts).size < texts.length)
      return `the image ${name} has a platform twice (${texts.join(', ')})`;
    for (const { file } of platforms.flatMap(({ reports }) => reports)) {
      if (files.has(file)) return `it names the report ${file} twice`;
      files.add(file);
    }
  }
  return undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
