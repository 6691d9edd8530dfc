import type { Oidc, OidcClaims } from '../../src/ports/oidc.ts';
import type { BundleVerifier, SigningSpec, Sigstore, TrustSpec } from '../../src/ports/sigstore.ts';
import { noSigstore } from './fake-ports.ts';

/** A job that may ask for tokens with these claims. `audiences`: for whom it asked. */
export function fakeOidc(claims: OidcClaims): Oidc & { readonly audiences: readonly string[] } {
  const audiences: string[] = [];
  const ask = <T>(audience: string, answer: T): Promise<T> => {
    audiences.push(audience);
    return Promise.resolve(answer);
  };
  return {
    audiences,
    available: true,
    token: (audience) => ask(audience, 'a.b.c'),
    claims: (audience) => ask(audience, claims),
    prove: async () => ({ ok: false, check: 'token', expected: 'another one', actual: 'that of a test' }),
  };
}

export type FakeSigstore = Sigstore & {
  readonly signers: readonly SigningSpec[];
  readonly trusted: readonly TrustSpec[];
};

/** A Sigstore whose bundles are the bare payload, and whose verifier is the test's. */
export function fakeSigstore(verifier: BundleVerifier = DISTRUSTFUL): FakeSigstore {
  const signers: SigningSpec[] = [];
  const trusted: TrustSpec[] = [];
  return {
    ...noSigstore(),
    signers,
    trusted,
    async signer(spec) {
      signers.push(spec);
      return {
        sign: async (payload) => ({ bundle: payload }),
        ...(spec.kind === 'key' ? { publicKey: 'a public key' } : {}),
      };
    },
    async verifier(spec) {
      trusted.push(spec);
      return verifier;
    },
  };
}

const DISTRUSTFUL: BundleVerifier = {
  prove: async () => ({ ok: false, fault: 'signature-invalid', message: 'nothing is believed here' }),
};
