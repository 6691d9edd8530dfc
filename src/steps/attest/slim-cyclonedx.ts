import type { SbomDocument } from './sbom.ts';

type Item = Readonly<Record<string, unknown>>;

/** Said in the document itself: https://cyclonedx.org/docs/1.6/json/#metadata_properties */
const PROPERTY = 'io.github.module-release:left-out';

/**
 * The document without components that are files and without dependencies on them, or without all dependencies and
 * compositions. What is a package stays, whatever it stood in. https://cyclonedx.org/docs/1.6/json/#components
 */
export function slimCycloneDx(
  document: SbomDocument,
  how: 'files' | 'files-and-relationships',
): SbomDocument {
  const { components, dependencies, compositions, metadata, ...rest } = document;
  const gone = new Set<unknown>();
  const kept = withoutFiles(items(components), gone);
  const head = isItem(metadata) ? metadata : {};
  const properties = [...items(head.properties), { name: PROPERTY, value: how }];
  return {
    ...rest,
    metadata: { ...head, properties },
    components: kept,
    ...(how === 'files' ? relationships(dependencies, compositions, gone) : {}),
  };
}

function withoutFiles(components: readonly Item[], gone: Set<unknown>): readonly Item[] {
  return components.flatMap(({ components: inner, ...component }) => {
    const nested = withoutFiles(items(inner), gone);
    if (component.type === 'file') {
      gone.add(component['bom-ref']);
      return nested;
    }
    return [nested.length === 0 ? component : { ...component, components: nested }];
  });
}

function relationships(dependencies: unknown, compositions: unknown, gone: ReadonlySet<unknown>): Item {
  const keep = (list: unknown): readonly unknown[] =>
    Array.isArray(list) ? list.filter((ref) => !gone.has(ref)) : [];
  return {
    ...(dependencies === undefined
      ? {}
      : {
          dependencies: items(dependencies)
            .filter(({ ref }) => !gone.has(ref))
            .map((each) => ({ ...each, ...listed(each, ['dependsOn', 'provides'], keep) })),
        }),
    ...(compositions === undefined
      ? {}
      : {
          compositions: items(compositions).map((each) => ({
            ...each,
            ...listed(each, ['assemblies', 'dependencies'], keep),
          })),
        }),
  };
}

function listed(item: Item, names: readonly string[], keep: (list: unknown) => readonly unknown[]): Item {
  return Object.fromEntries(names.flatMap((name) => (name in item ? [[name, keep(item[name])]] : [])));
}

function items(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.filter(isItem) : [];
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
