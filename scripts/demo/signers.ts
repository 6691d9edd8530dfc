import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GITHUB_ISSUER, type RunningOidc, startOidc } from '../../__tests__/helpers/oidc/oidc.ts';
import { type RunningSigstore, startSigstore } from '../../__tests__/helpers/sigstore/sigstore.ts';

const WORKFLOW = 'acme/modules/.github/workflows/release.yml';

/** The runner's token service and a Sigstore instance of its own, on loopback. */
export type Signers = {
  readonly oidc: RunningOidc;
  readonly sigstore: RunningSigstore;
  /** Holds `trusted-root.json`, which the commands of a summary name. */
  readonly folder: string;
  /** What a job with `id-token: write` has in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How a workflow names a private instance. */
  readonly inputs: Readonly<Record<string, string>>;
  /** From now on tokens are for a run of this tag at this commit. */
  speakFor(tag: string, sha: string): void;
  stop(): Promise<void>;
};

/** Whom the certificate of a release must name: the workflow of the repository at the tag. */
export function signerOf(tag: string): { readonly identity: string; readonly issuer: string } {
  return { identity: `https://github.com/${WORKFLOW}@refs/tags/${tag}`, issuer: GITHUB_ISSUER };
}

export async function startSigners(folder: string): Promise<Signers> {
  const oidc = await startOidc({
    claims: {
      repository: 'acme/modules',
      repository_owner: 'acme',
      event_name: 'push',
      run_id: '1',
      run_attempt: '1',
      run_number: '1',
    },
  });
  const sigstore = await startSigstore({ issuer: oidc.url });
  const signingConfig = join(folder, 'signing-config.json');
  const trustedRoot = join(folder, 'trusted-root.json');
  writeFileSync(signingConfig, sigstore.signingConfig());
  writeFileSync(trustedRoot, sigstore.trustedRoot);
  return {
    oidc,
    sigstore,
    folder,
    env: oidc.env,
    inputs: {
      attest: 'true',
      sigstore: 'private',
      'sigstore-signing-config': signingConfig,
      'sigstore-trusted-root': trustedRoot,
    },
    speakFor(tag, sha) {
      const ref = `refs/tags/${tag}`;
      const workflow = `${WORKFLOW}@${ref}`;
      oidc.setClaims({
        ref,
        sha,
        sub: `repo:acme/modules:ref:${ref}`,
        workflow_ref: workflow,
        workflow_sha: sha,
        job_workflow_ref: workflow,
        job_workflow_sha: sha,
      });
    },
    async stop() {
      await Promise.all([oidc.stop(), sigstore.stop()]);
    },
  };
}
