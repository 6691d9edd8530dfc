/** Claims of GitHub's OIDC token that we use. https://docs.github.com/en/actions/reference/security/oidc */
export type OidcClaims = {
  readonly issuer: string;
  /** `Owner/Name`. */
  readonly repository: string;
  readonly repositoryId: string;
  readonly repositoryOwnerId: string;
  readonly repositoryVisibility: string;
  /** 40 hex digits: the commit of the event. */
  readonly sha: string;
  readonly ref: string;
  readonly eventName: string;
  readonly runId: string;
  readonly runAttempt: string;
  readonly runnerEnvironment: string;
  /** `owner/name/.github/workflows/release.yml@refs/tags/v1.2.3`: the workflow that was started. */
  readonly workflowRef: string;
  readonly workflowSha: string;
  /** The workflow whose job this is: another one in a reusable workflow. It is the identity in the certificate. */
  readonly jobWorkflowRef: string;
  readonly jobWorkflowSha?: string;
};

/** Whether the issuer has signed this token; if not, the first check that failed, with both values. */
export type TokenProof =
  | { readonly ok: true; readonly claims: OidcClaims }
  | { readonly ok: false; readonly check: string; readonly expected: string; readonly actual: string };

/** The runner's OIDC token, which a job gets with `permissions: id-token: write`. */
export interface Oidc {
  /** Whether this run may ask for one. Nothing is asked. */
  readonly available: boolean;
  /** A fresh token for the audience (`sigstore`), masked. Throws OIDC_MISSING, SIGSTORE_UNAVAILABLE (issuer down). */
  token(audience: string): Promise<string>;
  /** The claims of such a token; read, not verified: whoever relies on them sends the token to one who verifies it. */
  claims(audience: string): Promise<OidcClaims>;
  /**
   * Judges a token that an earlier run has left, by the keys that the issuer publishes now. That its time is over is no
   * fault: it says what was so when it was made. Never throws for what is in the token; throws SIGSTORE_UNAVAILABLE.
   */
  prove(token: string, expected: { readonly issuer: string; readonly audience: string }): Promise<TokenProof>;
}
