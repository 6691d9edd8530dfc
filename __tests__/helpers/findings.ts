import type { Platform } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import { MEDIA } from '../../src/model/manifest.ts';
import type { Finding, ImageInspection, PlatformInspection, Waiver } from '../../src/model/scan.ts';

/** A vulnerable package, with what the test changes. */
export function aFinding(over: Partial<Finding> = {}): Finding {
  return {
    kind: 'vulnerability',
    id: 'CVE-2020-14343',
    severity: 'CRITICAL',
    title: 'PyYAML: incomplete fix',
    package: 'PyYAML',
    installed: '5.3',
    fixed: '5.4',
    location: 'usr/lib/python3.11/site-packages/pyyaml-5.3.dist-info/METADATA',
    ...over,
  };
}

/** The same without a fixed version. */
export function anUnfixed(over: Partial<Finding> = {}): Finding {
  const { fixed: _, ...rest } = aFinding({ id: 'CVE-2099-0001', severity: 'HIGH', package: 'unfixed' });
  return { ...rest, ...over };
}

export function aSecret(over: Partial<Finding> = {}): Finding {
  return {
    kind: 'secret',
    id: 'aws-access-key-id',
    severity: 'CRITICAL',
    title: 'AWS Access Key ID',
    package: 'AWS',
    installed: '',
    location: 'opt/app/settings.env',
    line: 2,
    ...over,
  };
}

export function aWaiver(over: Partial<Waiver> = {}): Waiver {
  return { kind: 'vulnerability', id: 'CVE-2020-14343', paths: [], statement: 'not reachable', ...over };
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  amd64: { os: 'linux', architecture: 'amd64' },
  arm64: { os: 'linux', architecture: 'arm64' },
};

/** An inspected image: architecture → its findings. */
export function anInspection(
  name: string,
  found: Readonly<Record<string, readonly Finding[]>>,
): ImageInspection {
  const platforms = Object.entries(found).map(([architecture, findings]): PlatformInspection => {
    const platform = PLATFORMS[architecture] ?? { os: 'linux', architecture };
    const bytes = `${name}/${architecture}`;
    return {
      platform,
      descriptor: { mediaType: MEDIA.ociManifest, digest: digestOf(bytes), size: bytes.length },
      findings,
      packages: 3,
      reports: [{ kind: 'scan', path: `/reports/${name}-linux-${architecture}.trivy.json` }],
    };
  });
  const [first] = platforms;
  if (first === undefined) throw new Error('an inspection without platforms');
  return {
    image: {
      planned: {
        name,
        source: { kind: 'bake', target: name },
        repositories: [{ registry: 'ghcr.io', path: `acme/${name}` }],
        tags: [],
        platforms: platforms.map(({ platform }) => platform),
        labels: {},
        annotations: { index: {}, manifest: {} },
        parents: [],
      },
      store: { root: '/stage' },
      top: first.descriptor,
      platforms,
      origin: 'built',
      size: 1000,
    },
    platforms,
  };
}
