/** What to do about what the platform says, by its code or its words. The first that fits counts. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /SECURITY_SCAN_FAILED|security scan failed/i,
    'Upgrade the base images and dependencies in which the scan of the platform found HIGH or CRITICAL vulnerabilities, or ask security@alithea.bio for a waiver (at most 30 days).',
  ],
  [
    /image not found|manifest unknown|pull access denied|cannot pull|unable to pull|\bforbidden\b/i,
    'The platform cannot pull the image: register a read-only credential (for ghcr.io a token with `read:packages`) for its namespace with the platform team, or make the package public. Try it with `docker pull` from a clean environment.',
  ],
  [
    /SIGNATURE|not signed|untrusted signer|trusted signer/i,
    'The platform takes images that a signer it trusts has signed: let this run attest (`permissions: id-token: write`), and have this workflow added to the trusted signers of the organization.',
  ],
];

/** What the platform's own client says after every publish that failed. */
export const USUAL_REMEDY =
  'The reason of the platform stands in the message. Three things are needed every time: its namespace under Org Settings → Registries, a read-only credential there when the image is private, and an image that a trusted signer has signed. Image and tags stay; a re-run publishes again.';

export function remedyFor(code: string | undefined, words: string | undefined): string | undefined {
  const said = `${code ?? ''} ${words ?? ''}`;
  return REMEDIES.find(([pattern]) => pattern.test(said))?.[1];
}
