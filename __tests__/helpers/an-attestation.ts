import type { PushedImage } from '../../src/model/image.ts';
import type { OidcClaims } from '../../src/ports/oidc.ts';
import type { ScanFacts } from '../../src/steps/attest/scan.ts';
import type { DraftInput, PlatformEvidence } from '../../src/steps/attest/statements.ts';
import { aBuiltImage, aTaggedImage, aVerdict } from './a-release.ts';

/** Builders for what is signed: a good default each, and what a test says in its place. */

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';

export function someClaims(change: Partial<OidcClaims> = {}): OidcClaims {
  return {
    issuer: 'https://token.actions.githubusercontent.com',
    repository: 'Acme/Modules',
    repositoryId: '1001',
    repositoryOwnerId: '2002',
    repositoryVisibility: 'public',
    sha: COMMIT,
    ref: 'refs/tags/v1.2.3',
    eventName: 'push',
    runId: '42',
    runAttempt: '2',
    runnerEnvironment: 'github-hosted',
    workflowRef: 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
    workflowSha: COMMIT,
    jobWorkflowRef: 'Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
    ...change,
  };
}

export function aPushedImage(built = aBuiltImage(), change: Partial<PushedImage> = {}): PushedImage {
  const { tags: _, ...pushed } = aTaggedImage(built);
  return { ...pushed, ...change };
}

export const CYCLONEDX = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 1,
  metadata: { component: { type: 'container', name: 'base', 'bom-ref': 'root' } },
  components: [{ type: 'library', name: 'libparser', version: '1.0.0', 'bom-ref': 'p1' }],
  dependencies: [{ ref: 'root', dependsOn: ['p1'] }],
};

export const SPDX = {
  spdxVersion: 'SPDX-2.3',
  SPDXID: 'SPDXRef-DOCUMENT',
  dataLicense: 'CC0-1.0',
  name: 'base',
  documentNamespace: 'https://example.com/base',
  creationInfo: { created: '2026-11-21T00:00:00Z', creators: ['Tool: trivy'] },
  packages: [{ SPDXID: 'SPDXRef-P1', name: 'libparser', downloadLocation: 'NONE' }],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relatedSpdxElement: 'SPDXRef-P1', relationshipType: 'DESCRIBES' },
  ],
};

/** Both SBOMs and the scan report of every platform. */
export function someEvidence(image: PushedImage): readonly PlatformEvidence[] {
  return image.platforms.map(({ platform, descriptor }) => {
    const slug = `${image.planned.name}-${platform.architecture}`;
    return {
      image: image.planned.name,
      digest: descriptor.digest,
      findings: [],
      files: [
        { kind: 'scan', name: `${slug}.trivy.json`, text: `{"of":"${slug}"}` },
        {
          kind: 'cyclonedx',
          name: `sbom-${slug}.cdx.json`,
          text: JSON.stringify({ ...CYCLONEDX, of: slug }),
        },
        { kind: 'spdx', name: `sbom-${slug}.spdx.json`, text: JSON.stringify({ ...SPDX, name: slug }) },
      ],
    };
  });
}

export function someScan(change: Partial<ScanFacts> = {}): ScanFacts {
  return {
    scanner: {
      name: 'trivy',
      version: '0.67.2',
      database: {
        updatedAt: '2026-11-20T06:00:00Z',
        digest: `sha256:${'d'.repeat(64)}`,
        source: 'ghcr.io/aquasecurity/trivy-db:2',
      },
    },
    scanners: ['vuln', 'secret'],
    policy: { severities: ['HIGH', 'CRITICAL'], ignoreUnfixed: true, waivers: [] },
    verdict: aVerdict(),
    startedOn: new Date('2026-11-21T10:02:00Z'),
    finishedOn: new Date('2026-11-21T10:02:03Z'),
    ...change,
  };
}

export function aDraftInput(change: Partial<DraftInput> = {}): DraftInput {
  const images = change.images ?? [aPushedImage()];
  return {
    images,
    evidence: images.flatMap(someEvidence),
    run: {
      claims: someClaims(),
      serverUrl: 'https://github.com',
      plan: { revision: COMMIT, kind: 'tag', dirty: false },
      startedOn: new Date('2026-11-21T10:00:00Z'),
      finishedOn: new Date('2026-11-21T10:05:00Z'),
      inputs: { command: 'release' },
    },
    scan: someScan(),
    github: true,
    ...change,
  };
}
