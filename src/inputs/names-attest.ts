import type { InputSpec } from './input-spec.ts';

/** Inputs of attesting: whether, with whom, and where to. */
export const ATTEST_INPUTS = {
  attest: {
    description:
      'Whether images are attested and signed: `auto` (when the job has `id-token: write` or a `cosign-key`, and is no pull request), `true` (without that the run fails before the build) or `false`. Default: `auto`.',
  },
  sigstore: {
    description:
      "Sigstore instance: `public-good`, `github` (GitHub's own, which has no public log), `private` (with `sigstore-signing-config` and `sigstore-trusted-root`) or `auto` (`public-good` for public repositories, else `github`). Default: `auto`.",
  },
  'sigstore-signing-config': {
    description:
      "Path of the signing config (v0.2, JSON) of a private instance, as cosign's `--signing-config` takes it. Default: none.",
  },
  'sigstore-trusted-root': {
    description:
      "Path of a trusted root (JSON), as cosign's `--trusted-root` takes it; for a private instance, or to verify without fetching one. Default: the instance's own, fetched by TUF.",
  },
  'cosign-key': {
    config: false,
    secret: true,
    description:
      'Private key (PEM: cosign.key, PKCS#8, ECDSA, Ed25519 or RSA) to sign with in place of the identity of the job. Its signatures are entered in the public log for public repositories, in the log of a `private` instance, else in none: `cosign verify` then wants `--insecure-ignore-tlog`. To verify, the public key is enough. Default: none.',
  },
  'cosign-password': {
    config: false,
    secret: true,
    description: 'Password of `cosign-key`. Default: none.',
  },
  'attest-store': {
    description:
      'Where attestations are kept: `registry` (beside the image), `github` (the attestation store of the repository), `file` (on the runner). Default: all that apply.',
  },
  record: {
    config: false,
    description:
      'For `command: attest`: path of the release.json of the run that built the images, whose missing attestations are then added; keep its whole folder. The images must carry the provenance of that run, or the folder must hold what it was about to sign. Default: none.',
  },
} as const satisfies Record<string, InputSpec>;
