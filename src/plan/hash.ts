import type { ResolvedBuild, ResolvedTarget } from '../model/build.ts';
import { digestOf } from '../model/digest.ts';

/** What a plan adds to a target's definition and what shapes its bytes. */
export type HashedImage = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: unknown;
  readonly platforms: readonly string[];
};

export type HashScope = {
  readonly build: ResolvedBuild;
  /** Planned images by target; other targets are parents only. */
  readonly images: ReadonlyMap<string, HashedImage>;
  readonly revision: string;
  readonly sourceDateEpoch: number;
  /** Absolute; another machine has another one. */
  readonly workspace: string;
};

/** How a build is run and where it goes, not what it makes. `name` and `contexts` are hashed in their own way. */
const WITHOUT_BYTES = new Set([
  'output',
  'outputs',
  'tags',
  'cache-from',
  'cache-to',
  'no-cache',
  'no-cache-filter',
  'pull',
  'call',
  'description',
  'entitlements',
  'inherits',
  'name',
  'contexts',
  'secret',
  'ssh',
]);

/**
 * A hash over only what shapes the bytes of an image, by which a re-run knows its own earlier work: never the event,
 * tags, times, secret values or paths of this machine.
 */
export function planHash(target: string, scope: HashScope): string {
  return hashTarget(target, { ...scope, platforms: true }, []);
}

/** The same without the platforms, at every level of parents: equal for all jobs that make platforms of one image. */
export function definitionHash(target: string, scope: HashScope): string {
  return hashTarget(target, { ...scope, platforms: false }, []);
}

/** `platforms`: whether they count. */
type Hashing = HashScope & { readonly platforms: boolean };

function hashTarget(name: string, scope: Hashing, path: readonly string[]): string {
  const target = scope.build.targets[name];
  // Bake refuses cycles; a hash must end all the same.
  if (target === undefined || path.includes(name)) return `target:${name}`;
  const image = scope.images.get(name);
  const shape = {
    definition: definitionOf(target, scope),
    contexts: contextsOf(target, scope, [...path, name]),
    secrets: idsOf(target.definition.secret),
    ssh: idsOf(target.definition.ssh),
    labels: image?.labels ?? {},
    annotations: image?.annotations ?? {},
    ...(scope.platforms ? { platforms: image?.platforms ?? target.platforms } : {}),
    revision: scope.revision,
    sourceDateEpoch: scope.sourceDateEpoch,
  };
  return digestOf(canonicalJson(withoutWorkspace(shape, scope.workspace)));
}

function definitionOf(
  { definition }: ResolvedTarget,
  { platforms }: Hashing,
): Readonly<Record<string, unknown>> {
  const counts = (key: string) => !WITHOUT_BYTES.has(key) && (platforms || key !== 'platforms');
  return Object.fromEntries(Object.entries(definition).filter(([key]) => counts(key)));
}

/** A parent counts by its own hash; parents that the definition does not spell out are counted as well. */
function contextsOf(
  target: ResolvedTarget,
  scope: Hashing,
  path: readonly string[],
): Readonly<Record<string, unknown>> {
  const { contexts } = target.definition;
  const named = isRecord(contexts) ? contexts : {};
  const spelled = Object.entries(named).map(([key, value]) => {
    const parent = typeof value === 'string' && value.startsWith('target:') ? value.slice(7) : undefined;
    return [key, parent === undefined ? value : hashTarget(parent, scope, path)];
  });
  const rest = target.parents.filter((parent) => !Object.values(named).includes(`target:${parent}`));
  return { ...Object.fromEntries(spelled), '': rest.map((parent) => hashTarget(parent, scope, path)) };
}

/** `{id, env}`, `{id, src}` or `id=x,src=y`: only the id is the same on every machine. */
function idsOf(entries: unknown): readonly string[] {
  if (!Array.isArray(entries)) return [];
  return entries.map(idOf).toSorted();
}

function idOf(entry: unknown): string {
  if (isRecord(entry)) return String(entry.id ?? '');
  const text = String(entry);
  return /(?:^|,)id=([^,]*)/.exec(text)?.[1] ?? text.split('=')[0] ?? '';
}

function withoutWorkspace(value: unknown, workspace: string): unknown {
  if (typeof value === 'string') return relativeText(value, workspace);
  if (Array.isArray(value)) return value.map((item) => withoutWorkspace(item, workspace));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutWorkspace(item, workspace)]),
  );
}

function relativeText(text: string, workspace: string): string {
  if (workspace.length < 2) return text;
  const escaped = workspace.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\w.-])${escaped}(?![\\w.-])`, 'g'), '.');
}

/** JSON with sorted keys: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : item,
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
