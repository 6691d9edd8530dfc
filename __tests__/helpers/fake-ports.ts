import { ReleaseError } from '../../src/model/errors.ts';
import type { Artifacts } from '../../src/ports/artifacts.ts';
import type { GitHub } from '../../src/ports/github.ts';
import type { Oidc } from '../../src/ports/oidc.ts';
import type { PublishApi } from '../../src/ports/publish-api.ts';
import type { Sigstore } from '../../src/ports/sigstore.ts';

/** A GitHub that knows nothing and stores nothing. */
export function fakeGitHub(): GitHub {
  return {
    about: async () => undefined,
    storeAttestation: async () => {
      throw new ReleaseError('GITHUB_REFUSED', 'no store');
    },
    hasAttestation: async () => false,
    attestations: async () => [],
    compare: async () => undefined,
  };
}

/** A platform that nobody has told anything, and that must not be told. */
export function noPublishApi(): PublishApi {
  const refuse = async () => {
    throw new ReleaseError('PUBLISH_UNAVAILABLE', 'not reachable');
  };
  return { name: 'nobody', realm: 'nowhere', signsManifests: false, dryRun: refuse, publish: refuse };
}

/** A job without `id-token: write`. */
export function noOidc(): Oidc {
  const refuse = async () => {
    throw new ReleaseError('OIDC_MISSING', 'no token');
  };
  return { available: false, token: refuse, claims: refuse, prove: refuse };
}

/** A Sigstore that nobody reaches. */
export function noSigstore(): Sigstore {
  const refuse = async () => {
    throw new ReleaseError('SIGSTORE_UNAVAILABLE', 'not reachable');
  };
  return { signer: refuse, verifier: refuse, bundleOf: refuse };
}

/** A machine that is no runner. */
export function noArtifacts(): Artifacts {
  const refuse = async () => {
    throw new ReleaseError('ARTIFACT_UNAVAILABLE', 'no service of artifacts');
  };
  return { available: false, upload: refuse, list: refuse, download: refuse };
}
