import type { RunningOidc } from '../oidc/oidc.ts';
import type { RunningSigstore } from './sigstore.ts';

export type SignBundleOptions = {
  /** Into the log of API v1: the library cannot do v2 as verifiers want it today. Default true. */
  readonly rekor?: boolean;
  /** Default true. */
  readonly tsa?: boolean;
  readonly payloadType?: string;
  /** Default `dsse`, as cosign and @sigstore/sign have it today. */
  readonly entryType?: 'dsse' | 'intoto';
};

/** A bundle v0.3 (JSON bytes) by Sigstore's own library, not by our code: what others sign. */
export async function signBundle(
  { sigstore, oidc }: { readonly sigstore: RunningSigstore; readonly oidc: RunningOidc },
  payload: unknown,
  options: SignBundleOptions = {},
): Promise<Uint8Array> {
  const { DSSEBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } = await import('@sigstore/sign');
  const { bundleToJSON } = await import('@sigstore/bundle');
  const { rekor = true, tsa = true, entryType = 'dsse' } = options;
  const url = sigstore.url;
  const log = { rekorBaseURL: url, entryType, fetchOnConflict: true, retry: 0 };
  const builder = new DSSEBundleBuilder({
    signer: new FulcioSigner({
      fulcioBaseURL: url,
      identityProvider: { getToken: () => Promise.resolve(oidc.token()) },
      retry: 0,
    }),
    witnesses: [
      ...(rekor ? [new RekorWitness(log)] : []),
      ...(tsa ? [new TSAWitness({ tsaBaseURL: url, retry: 0 })] : []),
    ],
  });
  const data = Buffer.from(JSON.stringify(payload));
  const bundle = await builder.create({ data, type: options.payloadType ?? 'application/vnd.in-toto+json' });
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
}
