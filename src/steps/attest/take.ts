import * as z from 'zod/mini';
import { PREDICATES, STATEMENT_TYPE, type Statement, type StatementDraft } from '../../model/attestation.ts';
import { mapLimit } from '../../model/concurrency.ts';
import type { Descriptor } from '../../model/descriptor.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../model/digest.ts';
import type { PlatformImage } from '../../model/image.ts';
import { formatReference, formatRepository } from '../../model/reference.ts';
import { BUNDLE_LIMIT } from '../../model/verification.ts';
import type { Ports } from '../../ports/index.ts';
import { FOLDER, keptPaths, payloadOf, type Voucher } from './keep.ts';
import { jsonOf, type KeptImage, type KeptList, type KeptStatement, notKept, parseKept } from './kept.ts';
import type { ReleaseRecord } from './record.ts';
import { LIMITS } from './slim.ts';

const LARGEST_LIST = 16 * 1024 * 1024;
const LARGEST_VOUCHER = 1024 * 1024;
const MOST_BYTES = 512 * 1024 * 1024;
const FILES_AT_ONCE = 4;

/** The list beside a record, which names its digest. Throws VERIFY_FAILED. */
export async function readKept(
  folder: string,
  expected: Digest,
  { files }: Pick<Ports, 'files'>,
): Promise<KeptList> {
  const path = keptPaths.list(folder);
  const size = await files.size(path);
  if (size === undefined) throw notKept('list', `the folder \`${FOLDER}\` beside the record`, 'none');
  if (size > LARGEST_LIST) throw notKept('list', `${LARGEST_LIST} bytes at most`, `${size} bytes`);
  const bytes = await files.read(path);
  const digest = digestOf(bytes);
  if (digest !== expected) throw notKept('digest of the list', expected, digest);
  const list = parseKept(new TextDecoder().decode(bytes));
  if (list === undefined) throw notKept('list', 'a list of statements', 'something else');
  return list;
}

/** The word of whoever vouches for the list, in the way that is asked for. Throws VERIFY_FAILED when there is none. */
export async function readVoucher(
  folder: string,
  by: Voucher['by'],
  { files }: Pick<Ports, 'files'>,
): Promise<string> {
  const path = keptPaths.voucher(folder, by);
  const size = await files.size(path);
  const wanted =
    by === 'key' ? 'a signature by the key over the list' : 'a token of the issuer over the list';
  if (size === undefined || size > LARGEST_VOUCHER) throw notKept('voucher', wanted, 'none');
  return (await files.readText(path)).trim();
}

/** That the list is of these images and no others, and the record says the same. Throws VERIFY_FAILED. */
export function requireSameRelease(
  list: KeptList,
  { images, revision }: Pick<ReleaseRecord, 'images' | 'revision'>,
  repository: string,
): void {
  const show = (of: readonly Pick<KeptImage, 'name' | 'refs'>[]): string =>
    of
      .map(({ name, refs }) => `${name}: ${refs.map(formatReference).join(' ')}`)
      .sort()
      .join(', ');
  if (list.repository !== repository) throw notKept('repository of the list', repository, list.repository);
  if (list.revision !== revision) throw notKept('commit of the list', revision, list.revision);
  if (show(list.images) !== show(images))
    throw notKept('images of the record', show(list.images), show(images));
}

/** The statements of a list that is vouched for, byte for byte. Throws VERIFY_FAILED. */
export async function takeStatements(
  { images, statements }: KeptList,
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly StatementDraft[]> {
  let left = MOST_BYTES;
  return mapLimit(statements, FILES_AT_ONCE, async (kept) => {
    const name = `${kept.kind} of ${kept.image}`;
    const path = keptPaths.statement(folder, kept.digest);
    const size = await files.size(path);
    left -= size ?? 0;
    if (size === undefined || size > BUNDLE_LIMIT || left < 0)
      throw notKept(name, 'a file of bounded size', size === undefined ? 'no file' : `${size} bytes`);
    const bytes = await files.read(path);
    const digest = digestOf(bytes);
    if (digest !== kept.digest) throw notKept(name, kept.digest, digest);
    const { refs = [] } = images.find((image) => image.name === kept.image) ?? {};
    const { digest: _, ...draft } = kept;
    const statement = readStatement(bytes, kept, refs);
    if (statement === undefined) throw notKept(name, `a statement about ${kept.subject}`, 'something else');
    const registryOnly = kept.registryOnly || size > LIMITS.github;
    return { ...draft, statement, registryOnly };
  });
}

const schema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.tuple([z.object({ name: z.string(), digest: z.object({ sha256: z.string() }) })]),
  predicateType: z.string(),
  predicate: z.unknown(),
});

/** Only what is written as we write it, so that what is signed is what was listed, to the byte. */
function readStatement(
  bytes: Uint8Array,
  { kind, subject, digest }: KeptStatement,
  refs: KeptImage['refs'],
): Statement | undefined {
  const parsed = schema.safeParse(jsonOf(new TextDecoder().decode(bytes)));
  if (!parsed.success) return undefined;
  const { _type, subject: subjects, predicateType, predicate } = parsed.data;
  const [{ name, digest: about }] = subjects;
  const statement: Statement = {
    _type,
    subject: [{ name, digest: { sha256: about.sha256 } }],
    predicateType,
    predicate,
  };
  const isOurs =
    about.sha256 === hexOf(subject) &&
    predicateType === PREDICATES[kind] &&
    refs.some(({ repository }) => formatRepository(repository) === name) &&
    digestOf(payloadOf({ statement })) === digest;
  return isOurs ? statement : undefined;
}

type There = {
  readonly planned: { readonly name: string };
  readonly top: Descriptor;
  readonly platforms: readonly PlatformImage[];
};

/** That each statement is about an index or a manifest that the registry has for its image. Throws VERIFY_FAILED. */
export function requireSubjects(statements: readonly StatementDraft[], images: readonly There[]): void {
  for (const { image, kind, subject, platform } of statements) {
    const found = images.find(({ planned }) => planned.name === image);
    const own = found?.platforms.find(({ descriptor }) => descriptor.digest === subject);
    const name = own === undefined ? undefined : formatPlatform(own.platform);
    const isThere = own !== undefined || found?.top.digest === subject;
    if (!isThere || name !== platform)
      throw notKept(
        `${kind} of ${image}`,
        `${platform ?? 'the index'} of the image at the registry`,
        `${subject}, which is ${isThere ? (name ?? 'the index') : 'none of it'}`,
      );
  }
}
