/**
 * The predicate of a plain signature, as cosign 3 writes it: "signed", and no more. The statement's subject says what.
 * https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export const SIGNATURE: Readonly<Record<string, never>> = {};
