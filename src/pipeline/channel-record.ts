import { toReleaseError } from '../model/errors.ts';
import type { ChannelState, Promotion } from '../model/promotion.ts';
import { formatReference } from '../model/reference.ts';
import type { IdentityPolicy } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import type { BundleVerifier, Signer } from '../ports/sigstore.ts';
import { signManifest } from '../steps/attest/run.ts';
import { identityPolicy, verifyImage } from '../steps/verify/run.ts';
import { within } from './patience.ts';
import type { Start } from './start.ts';

/** Who signs the records of channels in this run, and whose signatures on them count. */
export type RecordSigner = {
  readonly canSign: boolean;
  /** Whether this run, or a later one, is to sign. */
  signature(state: ChannelState): 'pending' | 'unsigned';
  /** Whether the record was signed by a run of this repository. */
  proves(state: ChannelState, ports: Pick<Ports, 'log' | 'registry'>): Promise<boolean>;
  /** Signs what a promotion has written; false where nobody does, or where Sigstore does not answer. */
  sign(done: Promotion, ports: Pick<Ports, 'clock' | 'log' | 'registry'>): Promise<boolean>;
};

export type RecordSigning = {
  /** Undefined: this run signs nothing. */
  readonly signer?: Signer;
  /** The job signs, and could not begin to: a later run is to sign what this one writes. */
  readonly isLate?: boolean;
  readonly byKey: boolean;
  /** Milliseconds that a signature may take; default: as long as its services are waited for. */
  readonly patienceMs?: number;
  readonly verifier: () => Promise<BundleVerifier>;
};

export function recordSigner(
  { context, inputs }: Start,
  { signer, isLate = false, byKey, patienceMs, verifier }: RecordSigning,
): RecordSigner {
  const { serverUrl, repository } = context;
  const { issuer } = inputs.verify.identity;
  // Releases and promotions run in different workflows, on different refs, of one repository.
  const identity: IdentityPolicy | 'key' = byKey
    ? 'key'
    : identityPolicy(issuer === undefined ? {} : { issuer }, { serverUrl, repository });
  return {
    canSign: signer !== undefined,
    signature: ({ document }) =>
      signer !== undefined || isLate || document?.signature === 'pending' ? 'pending' : 'unsigned',
    async proves({ record, document, channel }, ports) {
      if (record === undefined || document?.signature !== 'pending') return false;
      try {
        const { report } = await verifyImage(
          {
            image: `the record of ${channel}`,
            reference: record,
            policy: { require: ['signature'], identity, members: 'each' },
            verifier: await verifier(),
          },
          ports,
        );
        return report.ok;
      } catch (error) {
        ports.log.warning(
          `The record of the channel ${channel} is not proven: ${toReleaseError(error).message}.`,
        );
        return false;
      }
    },
    async sign({ record }, ports) {
      if (signer === undefined) return false;
      try {
        const work = signManifest(record, signer, ports);
        await (patienceMs === undefined ? work : within(patienceMs, work, 'signing', ports.clock));
        return true;
      } catch (error) {
        ports.log.warning(
          `The record ${formatReference(record)} has no signature yet: ${toReleaseError(error).message}. A re-run of this job signs it, and so does \`command: attest\`.`,
        );
        return false;
      }
    },
  };
}
