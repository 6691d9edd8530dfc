import { join } from 'node:path';
import { STATEMENT_TYPE, type Statement, type StatementDraft } from '../../model/attestation.ts';
import { mapLimit } from '../../model/concurrency.ts';
import { type Digest, digestOf, hexOf } from '../../model/digest.ts';
import type { Ports } from '../../ports/index.ts';
import { formatKept, type KeptList } from './kept.ts';

/** The folder beside release.json. */
export const FOLDER = 'statements';
const LIST = 'list.json';
/** Whoever vouches for the list: the issuer of the run's tokens, or the key that signs. */
const VOUCHERS = { token: 'token.jwt', key: 'signature.json' } as const;

export type Voucher = { readonly by: keyof typeof VOUCHERS; readonly text: string };

/** Where the parts lie in the folder of the record. */
export const keptPaths = {
  list: (folder: string) => join(folder, FOLDER, LIST),
  voucher: (folder: string, by: Voucher['by']) => join(folder, FOLDER, VOUCHERS[by]),
  statement: (folder: string, digest: Digest) => join(folder, FOLDER, `${hexOf(digest)}.json`),
};

/** The bytes of a statement: what is signed, and what is kept. */
export function payloadOf({ statement }: Pick<StatementDraft, 'statement'>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(statement));
}

/** Of what a key signs over a list: a statement about the list alone, so that nobody takes it for one about an image. */
const LIST_TYPE = 'https://github.com/org/module-release/statements/v1';

/** What a key signs to vouch for a list. */
export function listPayload(list: Digest): Uint8Array {
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: LIST, digest: { sha256: hexOf(list) } }],
    predicateType: LIST_TYPE,
    predicate: {},
  };
  return payloadOf({ statement });
}

/** For whom the issuer makes a token to vouch for a list: a name that no service answers to. */
export function listAudience(list: Digest): string {
  return `module-release:${list}`;
}

const FILES_AT_ONCE = 4;

/**
 * Writes down what is about to be signed, so that a later run can sign it when this one cannot: the statements, their list,
 * and last the word of somebody whom that run believes. Returns the digest of the list.
 */
export async function keepStatements(
  drafts: readonly StatementDraft[],
  about: Omit<KeptList, 'statements'>,
  folder: string,
  vouch: (list: Digest) => Promise<Voucher>,
  { files }: Pick<Ports, 'files'>,
): Promise<Digest> {
  const statements = await mapLimit(drafts, FILES_AT_ONCE, async (draft) => {
    const payload = payloadOf(draft);
    const digest = digestOf(payload);
    await files.write(keptPaths.statement(folder, digest), payload);
    const { image, kind, subject, platform, registryOnly } = draft;
    return { image, kind, subject, ...(platform === undefined ? {} : { platform }), registryOnly, digest };
  });
  const list = formatKept({ ...about, statements });
  await files.write(keptPaths.list(folder), list);
  const digest = digestOf(list);
  const { by, text } = await vouch(digest);
  await files.write(keptPaths.voucher(folder, by), text, 0o600);
  return digest;
}

/** Everything is signed and stored: nobody needs it any more. */
export function dropStatements(folder: string, { files }: Pick<Ports, 'files'>): Promise<void> {
  return files.remove(join(folder, FOLDER));
}
