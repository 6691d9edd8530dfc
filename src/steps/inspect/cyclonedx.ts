import { digestOf, hexOf } from '../../model/digest.ts';
import { type Component, componentOf, imageComponent, targetComponent } from './cyclonedx-component.ts';
import type { LicenseReader } from './licenses.ts';
import type { Contents, Package, Packages } from './packages.ts';
import type { Subject } from './publish.ts';
import { sorted } from './sorted.ts';

/** https://cyclonedx.org/docs/1.6/json/ */
export type CycloneDx = {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp?: string;
    readonly tools: { readonly components: readonly object[] };
    readonly component: Referred;
  };
  readonly components: readonly Referred[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
};

/** The image, the version of Trivy that has looked into it, and what SPDX knows. */
type Writing = { readonly subject: Subject; readonly trivy: string; readonly licenseForm: LicenseReader };

type Referred = Component & { readonly 'bom-ref': string };
type Node = { readonly component: Component; readonly dependsOn: Set<Node> };

/**
 * What Trivy has found in an image, as it would write it itself (`trivy convert --format cyclonedx`, so that `trivy sbom`
 * and its peers read it), but always with the same names and serial number for the same scan.
 */
export function cyclonedxOf(contents: Contents, { subject, trivy, licenseForm }: Writing): CycloneDx {
  const { image, inside } = graphOf(contents, subject, licenseForm);
  const nodes = [image, ...inside];
  const refs = refsOf(nodes, contents.ArtifactName);
  const refOf = (node: Node): string => refs.get(node) ?? '';
  const referred = (node: Node): Referred => ({ 'bom-ref': refOf(node), ...node.component });
  const body = {
    metadata: {
      ...(contents.CreatedAt === undefined ? {} : { timestamp: toSecond(contents.CreatedAt) }),
      tools: { components: toolsOf(trivy) },
      component: referred(image),
    },
    components: sorted(inside.map(referred), (each) => each['bom-ref']),
    dependencies: sorted(
      nodes.map((node) => ({
        ref: refOf(node),
        dependsOn: sorted([...node.dependsOn].map(refOf), (ref) => ref),
      })),
      ({ ref }) => ref,
    ),
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
    version: 1,
    ...body,
  };
}

/** Packages that stand for themselves: there is no file, like a lock file or a program, that they were read from together. */
const ALONE = new Set(['python-pkg', 'conda-pkg', 'gemspec', 'node-pkg', 'jar']);

/** The image contains the system and each file that lists packages; these contain what no other package asks for. */
function graphOf(
  contents: Contents,
  subject: Subject,
  licenseForm: LicenseReader,
): { readonly image: Node; readonly inside: readonly Node[] } {
  const image = nodeOf(imageComponent(contents, subject));
  const inside: Node[] = [];
  for (const result of contents.Results ?? []) {
    const { Class, Type } = result;
    if (Class !== 'os-pkgs' && Class !== 'lang-pkgs') continue;
    let parent = image;
    if (!ALONE.has(Type ?? '')) {
      parent = nodeOf(targetComponent(result, contents.Metadata?.OS));
      image.dependsOn.add(parent);
      inside.push(parent);
    }
    inside.push(...packagesOf(result, parent, licenseForm));
  }
  return { image, inside };
}

function packagesOf({ Packages, Type }: Packages, parent: Node, licenseForm: LicenseReader): readonly Node[] {
  const packages = (Packages ?? []).map((each) => {
    const id = each.ID === undefined || each.ID === '' ? `${each.Name}@${each.Version ?? ''}` : each.ID;
    return { each, id, node: nodeOf(componentOf(each, Type ?? '', licenseForm)) };
  });
  const byId = new Map(packages.map(({ id, node }) => [id, node]));
  const wanted = new Set(packages.flatMap(({ each }) => each.DependsOn ?? []));
  const hasRoot = packages.some(({ each }) => each.Relationship === 'root');
  const isOfParent = ({ Relationship }: Package, id: string): boolean =>
    Relationship === 'direct' ? !hasRoot : !wanted.has(id);
  for (const { each, id, node } of packages) {
    if (isOfParent(each, id)) parent.dependsOn.add(node);
    for (const other of each.DependsOn ?? []) {
      const found = byId.get(other);
      if (found !== undefined) node.dependsOn.add(found);
    }
  }
  return packages.map(({ node }) => node);
}

function nodeOf(component: Component): Node {
  return { component, dependsOn: new Set() };
}

/** The purl where it names one component alone. */
function refsOf(nodes: readonly Node[], document: string): ReadonlyMap<Node, string> {
  const times = new Map<string | undefined, number>();
  for (const { component } of nodes) times.set(component.purl, (times.get(component.purl) ?? 0) + 1);
  return new Map(
    nodes.map((node, index) => {
      const { purl } = node.component;
      return [node, purl !== undefined && times.get(purl) === 1 ? purl : uuidOf(`${document}\n${index}`)];
    }),
  );
}

function toolsOf(trivy: string): readonly object[] {
  const manufacturer = { name: 'Aqua Security Software Ltd.' };
  return [
    { type: 'application', manufacturer, group: 'aquasecurity', name: 'trivy', version: trivy },
    { type: 'application', name: 'module-release' },
  ];
}

/** Version 8, of a SHA-256. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8 */
function uuidOf(text: string): string {
  const hex = hexOf(digestOf(text));
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

/** `2026-11-22T18:04:50Z`, without the fraction that not every reader takes. */
function toSecond(time: string): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
