import { partsOfPurl, purlOfImage } from '../../model/purl.ts';
import { type LicenseChoice, type LicenseReader, licensesOf } from './licenses.ts';
import type { Contents, Package, Packages } from './packages.ts';
import type { Subject } from './publish.ts';
import { sorted } from './sorted.ts';

type Property = { readonly name: string; readonly value: string };

/** https://cyclonedx.org/docs/1.6/json/#components */
export type Component = {
  readonly type: 'container' | 'operating-system' | 'application' | 'library';
  readonly supplier?: { readonly name: string };
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly LicenseChoice[];
  readonly purl?: string;
  readonly properties: readonly Property[];
};

/** The image itself. */
export function imageComponent(
  { ArtifactName, SchemaVersion, Metadata }: Contents,
  { repository, digest }: Subject,
): Component {
  const { ImageID, Size, RepoDigests, DiffIDs, ImageConfig } = Metadata ?? {};
  const arch = ImageConfig?.architecture;
  return {
    type: 'container',
    name: ArtifactName,
    purl: purlOfImage(repository, digest, arch === undefined ? {} : { arch }),
    properties: properties([
      ['SchemaVersion', String(SchemaVersion)],
      ['ImageID', ImageID],
      ['Size', Size?.toString()],
      ...Object.entries(ImageConfig?.config?.Labels ?? {}).map(
        ([name, value]) => [`Labels:${name}`, value] as const,
      ),
      ...(RepoDigests ?? []).map((value) => ['RepoDigest', value] as const),
      ...(DiffIDs ?? []).map((value) => ['DiffID', value] as const),
    ]),
  };
}

/** What packages stand in together: the system, or a file that lists them. */
export function targetComponent(
  { Target, Class, Type }: Packages,
  os: NonNullable<Contents['Metadata']>['OS'],
): Component {
  const about = properties([
    ['Type', Type],
    ['Class', Class],
  ]);
  if (Class !== 'os-pkgs') return { type: 'application', name: Target, properties: about };
  return {
    type: 'operating-system',
    name: os?.Family ?? Target,
    ...(os?.Name === undefined ? {} : { version: os.Name }),
    properties: about,
  };
}

/** One package, of a kind like `debian`, `node-pkg`. */
export function componentOf(from: Package, kind: string, licenseForm: LicenseReader): Component {
  const { Maintainer = '', Licenses, Digest, Layer } = from;
  const purl = from.Identifier?.PURL;
  const { group, name, version } = nameOf(from);
  const licenses = licensesOf(Licenses ?? [], licenseForm);
  const hash = hashOf(Digest ?? '');
  return {
    type: 'library',
    ...(Maintainer === '' ? {} : { supplier: { name: Maintainer } }),
    ...(group === '' ? {} : { group }),
    name,
    ...(version === '' ? {} : { version }),
    ...(hash === undefined ? {} : { hashes: [hash] }),
    ...(licenses.length === 0 ? {} : { licenses }),
    ...(purl === undefined ? {} : { purl }),
    properties: properties([
      ['PkgID', from.ID],
      ['PkgType', kind],
      ['FilePath', from.FilePath],
      ['SrcName', from.SrcName],
      ['SrcVersion', from.SrcVersion],
      ['SrcRelease', from.SrcRelease],
      ['SrcEpoch', from.SrcEpoch?.toString()],
      ['Modularitylabel', from.Modularitylabel],
      ['LayerDigest', Layer?.Digest],
      ['LayerDiffID', Layer?.DiffID],
    ]),
  };
}

/** As the purl has it; Maven and npm name in two parts. */
function nameOf(from: Package): { readonly group: string; readonly name: string; readonly version: string } {
  const parts = partsOfPurl(from.Identifier?.PURL ?? '');
  if (parts === undefined) return { group: '', name: from.Name, version: versionOf(from) };
  const epoch = parts.epoch === undefined || parts.epoch === '0' ? '' : `${parts.epoch}:`;
  const version = `${epoch}${parts.version}`;
  if (parts.type !== 'maven' && parts.type !== 'npm') return { group: '', name: from.Name, version };
  return { group: parts.namespace, name: parts.name, version };
}

function versionOf({ Epoch = 0, Version = '', Release = '' }: Package): string {
  return `${Epoch === 0 ? '' : `${Epoch}:`}${Version}${Release === '' ? '' : `-${Release}`}`;
}

/** By the name of the algorithm in a digest: the name that CycloneDX has for it, and its hex digits. */
const ALGORITHMS = new Map([
  ['md5', { alg: 'MD5', digits: 32 }],
  ['sha1', { alg: 'SHA-1', digits: 40 }],
  ['sha256', { alg: 'SHA-256', digits: 64 }],
  ['sha512', { alg: 'SHA-512', digits: 128 }],
]);

/** Package databases of the image say it, and with another text the document would not be valid. */
function hashOf(digest: string): { readonly alg: string; readonly content: string } | undefined {
  const [algorithm = '', content = ''] = digest.split(':');
  const known = ALGORITHMS.get(algorithm);
  if (known === undefined || content.length !== known.digits || !/^[0-9a-f]+$/.test(content))
    return undefined;
  return { alg: known.alg, content };
}

/** The names that Trivy reads again: https://trivy.dev/latest/docs/supply-chain/sbom/ */
function properties(all: readonly (readonly [string, string | undefined])[]): readonly Property[] {
  const filled = all.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name: `aquasecurity:trivy:${name}`, value }],
  );
  return sorted(filled, ({ name, value }) => `${name}\n${value}`);
}
