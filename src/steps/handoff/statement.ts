import { STATEMENT_TYPE, type Statement } from '../../model/attestation.ts';
import { type Digest, hexOf } from '../../model/digest.ts';
import type { Handoff } from '../../model/handoff.ts';
import { HANDOFF } from './document.ts';

/** Of a statement about a handoff, so that nobody takes it for one about an image, nor the other way round. */
export const HANDOFF_PREDICATE = 'https://github.com/org/module-release/handoff/v1';
/** The bundle beside handoff.json. */
export const HANDOFF_BUNDLE = 'handoff.sigstore.json';

/** What the run that made it signs: these very bytes are its handoff. */
export function handoffStatement({ repository, revision, shard, run }: Handoff, digest: Digest): Statement {
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: HANDOFF, digest: { sha256: hexOf(digest) } }],
    predicateType: HANDOFF_PREDICATE,
    predicate: { repository, revision, shard, run },
  };
}
