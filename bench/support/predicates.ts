/** Predicates of the size that a small service has: 300 packages, provenance with a few materials, a clean scan. */

const PACKAGES = 300;

const components = Array.from({ length: PACKAGES }, (_, i) => ({
  'bom-ref': `pkg:npm/package-${i}@1.${i}.0`,
  type: 'library',
  name: `package-${i}`,
  version: `1.${i}.0`,
  licenses: [{ license: { id: 'MIT' } }],
  purl: `pkg:npm/package-${i}@1.${i}.0`,
  properties: [
    { name: 'aquasecurity:trivy:PkgID', value: `package-${i}@1.${i}.0` },
    { name: 'aquasecurity:trivy:PkgType', value: 'node-pkg' },
  ],
}));

export const sample = {
  cyclonedx: {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
    metadata: { component: { 'bom-ref': 'root', type: 'container', name: 'image' } },
    components,
    dependencies: components.map((component) => ({ ref: component['bom-ref'], dependsOn: [] })),
  },
  provenance: {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {
        workflow: {
          ref: 'refs/tags/v1.2.3',
          repository: 'https://github.com/Acme/Modules',
          path: '.github/workflows/release.yml',
        },
      },
      internalParameters: { github: { event_name: 'push', repository_id: '700100' } },
      resolvedDependencies: Array.from({ length: 5 }, (_, i) => ({
        uri: `pkg:docker/base-${i}@1?platform=linux%2Famd64`,
        digest: { sha256: String(i).repeat(64) },
      })),
    },
    runDetails: {
      builder: { id: 'https://github.com/Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3' },
      metadata: { invocationId: 'https://github.com/Acme/Modules/actions/runs/4242/attempts/1' },
    },
  },
  scan: {
    invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
    scanner: {
      uri: 'pkg:github/aquasecurity/trivy@0.67.2',
      version: '0.67.2',
      db: { uri: '', version: '' },
      result: { passed: true, findings: [] },
    },
    metadata: { scanStartedOn: '2026-11-21T00:00:00Z', scanFinishedOn: '2026-11-21T00:00:05Z' },
  },
} as const;
