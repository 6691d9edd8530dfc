import type { StatementDraft } from '../model/attestation.ts';
import { mapLimit } from '../model/concurrency.ts';
import type { Digest } from '../model/digest.ts';
import { ReleaseError } from '../model/errors.ts';
import type { PushedImage } from '../model/image.ts';
import { formatReference } from '../model/reference.ts';
import type { Ports } from '../ports/index.ts';
import type { OidcClaims } from '../ports/oidc.ts';
import {
  byproductsOf,
  listAudience,
  listPayload,
  notKept,
  type ReleaseRecord,
  readKept,
  readVoucher,
  requireOrigin,
  requireSameRelease,
  requireSameSigner,
  takeStatements,
} from '../steps/attest/run.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';

/** What the run that built was about to sign, proven to be its word. */
export type Kept = {
  readonly drafts: readonly StatementDraft[];
  readonly origins: ReadonlyMap<string, PushedImage['origin']>;
  /** Digests of the report files that its provenance names. */
  readonly files: ReadonlySet<string>;
};

type Given = { readonly start: Start; readonly record: ReleaseRecord; readonly folder: string };

/**
 * The statements that lie beside a record; undefined where its run has left none. Nothing in these files is believed until
 * the issuer of this run's own token, or the key of this run, has vouched for the digest of their list; what then is said
 * must be about images that are there, by a run for which this one may sign. Throws VERIFY_FAILED, REGISTRY_NOT_FOUND, SIGSTORE_UNAVAILABLE.
 */
export async function proveKept(
  { start, record, folder }: Given,
  signing: Signing,
  ports: Pick<Ports, 'files' | 'log' | 'oidc' | 'registry'>,
): Promise<Kept | undefined> {
  const { statements: digest } = record;
  if (digest === undefined) return undefined;
  const list = await readKept(folder, digest, ports);
  const builder = await provenBuilder(folder, digest, signing, ports);
  requireSameRelease(list, record, start.context.repository);
  await requireThere(record, ports);
  const drafts = await takeStatements(list, folder, ports);
  const provenances = drafts.filter(({ kind }) => kind === 'provenance');
  const { serverUrl } = start.context;
  for (const { statement } of provenances)
    requireOrigin(statement.predicate, { ...claimsFor(builder, signing), serverUrl });
  const who = builder === undefined ? 'the key' : `run ${builder.runId}, attempt ${builder.runAttempt}`;
  ports.log.info(`${drafts.length} statements that are not signed are proven to be those of ${who}.`);
  return {
    drafts,
    origins: new Map(list.images.map(({ name, origin }) => [name, origin])),
    files: new Set(provenances.flatMap(({ statement }) => byproductsOf(statement.predicate))),
  };
}

/** The claims of the run that built, by the issuer's word; undefined when it is the key's. Throws VERIFY_FAILED. */
async function provenBuilder(
  folder: string,
  list: Digest,
  { identity, claims, verifier }: Signing,
  ports: Pick<Ports, 'files' | 'oidc'>,
): Promise<OidcClaims | undefined> {
  if (identity === 'key') {
    const bundle = new TextEncoder().encode(await readVoucher(folder, 'key', ports));
    const proof = await (await verifier()).prove(bundle);
    if (!proof.ok) throw notKept('signature over the list', 'one by the key', proof.message);
    const expected = listPayload(list);
    if (Buffer.compare(proof.bundle.payload, expected) !== 0)
      throw notKept('signature over the list', `one over ${list}`, 'one over something else');
    return undefined;
  }
  if (claims === undefined) throw new ReleaseError('INTERNAL', 'an identity without claims');
  const token = await readVoucher(folder, 'token', ports);
  const expected = { issuer: claims.issuer, audience: listAudience(list) };
  const proof = await ports.oidc.prove(token, expected);
  if (!proof.ok) throw notKept(proof.check, proof.expected, proof.actual);
  requireSameSigner(proof.claims, claims);
  return proof.claims;
}

function claimsFor(
  builder: OidcClaims | undefined,
  { claims }: Signing,
): { readonly claims: OidcClaims; readonly sameRun: boolean } {
  if (builder !== undefined) return { claims: builder, sameRun: true };
  if (claims !== undefined) return { claims, sameRun: false };
  throw notKept(
    'identity of this run',
    'a job with `id-token: write`, as the provenance names it',
    'a key alone',
  );
}

const ASKED_AT_ONCE = 8;

/** Every image by its digest at every registry of its. */
async function requireThere({ images }: ReleaseRecord, { registry }: Pick<Ports, 'registry'>): Promise<void> {
  const refs = images.flatMap((image) => image.refs);
  const found = await mapLimit(refs, ASKED_AT_ONCE, (ref) => registry.resolve(ref));
  const missing = refs.find((_, at) => found[at] === undefined);
  if (missing === undefined) return;
  throw new ReleaseError('REGISTRY_NOT_FOUND', `there is no image at ${formatReference(missing)}`, {
    hint: 'The run that built has not pushed it, or it was deleted: re-run the release.',
  });
}
