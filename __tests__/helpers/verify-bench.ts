import { BUNDLE_TYPE, PREDICATES } from '../../src/model/attestation.ts';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../../src/model/digest.ts';
import { describeBytes, type Encoded, encodeJson, MEDIA } from '../../src/model/manifest.ts';
import type { DigestRef, Repository } from '../../src/model/reference.ts';
import type { VerificationPolicy } from '../../src/model/verification.ts';
import type { Registry } from '../../src/ports/registry.ts';
import { CLAIMS, type Claims } from './bundle-maker.ts';

export const REPOSITORY: Repository = { registry: 'ghcr.io', path: 'acme/app' };
export const AMD64 = digestOf('the manifest of amd64');
export const ARM64 = digestOf('the manifest of arm64');

/** What the strictest reader of the release of CLAIMS asks. */
export const POLICY: VerificationPolicy = {
  require: ['signature', 'provenance'],
  members: 'each',
  commit: CLAIMS.commit,
  identity: {
    issuer: { kind: 'exact', value: CLAIMS.issuer },
    repository: { kind: 'exact', value: CLAIMS.repository },
    workflow: { kind: 'exact', path: '.github/workflows/release.yml' },
    ref: { kind: 'exact', value: CLAIMS.ref },
  },
};

/** Read side of a registry with what a test puts there. */
export type VerifyBench = {
  readonly registry: Registry;
  readonly index: DigestRef;
  /** Bytes as a bundle that refers to the subject. */
  attach(subject: Digest, bytes: Uint8Array, change?: Change): Digest;
  readonly reads: readonly string[];
};

export type Change = {
  readonly layer?: Partial<Descriptor>;
  readonly listed?: Partial<Descriptor>;
  readonly artifactType?: string;
};

export function verifyBench(): VerifyBench {
  const manifests = new Map<string, Encoded>();
  const blobs = new Map<string, Uint8Array>();
  const lists = new Map<string, Descriptor[]>();
  const reads: string[] = [];
  const put = (manifest: Encoded): Digest => {
    manifests.set(manifest.descriptor.digest, manifest);
    return manifest.descriptor.digest;
  };
  const member = (digest: Digest, architecture: string): Descriptor => ({
    mediaType: MEDIA.ociManifest,
    digest,
    size: 100,
    platform: { os: 'linux', architecture },
  });
  const digest = put(
    encodeJson(
      { schemaVersion: 2, manifests: [member(AMD64, 'amd64'), member(ARM64, 'arm64')] },
      MEDIA.ociIndex,
    ),
  );
  const unused = async (): Promise<never> => {
    throw new Error('verifying writes nothing');
  };
  const registry: Registry = {
    resolve: unused,
    async getManifest(reference) {
      const name = 'digest' in reference ? reference.digest : reference.tag;
      reads.push(`manifest ${name}`);
      return manifests.get('digest' in reference ? reference.digest : digest);
    },
    async referrers(subject) {
      reads.push(`referrers ${subject.digest}`);
      return lists.get(subject.digest) ?? [];
    },
    async readBlob(_repository, blob, limit) {
      reads.push(`blob ${blob.digest}`);
      const bytes = blobs.get(blob.digest) ?? new Uint8Array();
      if (bytes.byteLength > limit) throw new RangeError(`the blob has more than ${limit} bytes`);
      return bytes;
    },
    putManifest: unused,
    pushBlob: unused,
    moveTag: unused,
    deleteTag: unused,
    putBlob: unused,
    copyBlob: unused,
    attach: unused,
    hasBlob: unused,
    pullBlob: unused,
    checkPush: unused,
  };
  return {
    registry,
    index: { repository: REPOSITORY, digest },
    reads,
    attach(subject, bytes, { layer, listed, artifactType = BUNDLE_TYPE } = {}) {
      const blob = describeBytes(bytes, BUNDLE_TYPE).descriptor;
      blobs.set(blob.digest, bytes);
      const config = { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 };
      const referrer = encodeJson(
        { schemaVersion: 2, artifactType, config, layers: [{ ...blob, ...layer }] },
        MEDIA.ociManifest,
      );
      put(referrer);
      const list = lists.get(subject) ?? [];
      lists.set(subject, [...list, { ...referrer.descriptor, artifactType, ...listed }]);
      return referrer.descriptor.digest;
    },
  };
}

/** A statement about one subject. */
export function statementOf(subject: Digest, predicateType: string, predicate: unknown = {}) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'ghcr.io/acme/app', digest: { sha256: hexOf(subject) } }],
    predicateType,
    predicate,
  };
}

export const SIGNATURE: string = PREDICATES.signature;
export const PROVENANCE: string = PREDICATES.provenance;

/** SLSA v1 that agrees with the certificate of these claims, as GitHub's actions write it. */
export function slsaOf({ san, repository, commit, ref }: Omit<Claims, 'extensions' | 'issuer'> = CLAIMS) {
  return {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: { workflow: { ref, repository, path: '.github/workflows/release.yml' } },
      internalParameters: { github: { event_name: 'push' } },
      resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: commit } }],
    },
    runDetails: {
      builder: { id: san },
      metadata: { invocationId: `${repository}/actions/runs/7/attempts/1` },
    },
  };
}
