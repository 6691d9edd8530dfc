import type { BakeDocument } from '../../model/build.ts';
import type { BuildInputs } from '../../model/inputs.ts';
import type { Failure } from './progress.ts';

/** A cache as bake has it: CSV as the user wrote it, or attributes as newer releases print it. */
type Entry = unknown;
type Caches = { readonly 'cache-from'?: readonly Entry[]; readonly 'cache-to'?: readonly Entry[] };

/**
 * The caches of one target. Inputs replace what a bake file says. Releases of tags import nothing unless the input
 * `cache-from` says so: a cache that an earlier, less trusted run could write must not end up in a release. An export
 * that fails never fails the build. https://docs.docker.com/build/cache/backends/
 */
export function cachesOf(
  printed: Caches,
  inputs: Pick<BuildInputs, 'cacheFrom' | 'cacheTo'>,
  options: { readonly tagRelease: boolean; readonly scope?: string },
): { readonly from: readonly Entry[]; readonly to: readonly Entry[] } {
  const own = options.tagRelease ? [] : (printed['cache-from'] ?? []);
  const from =
    inputs.cacheFrom.length > 0 ? inputs.cacheFrom.map((text) => withScope(text, options.scope)) : own;
  const to =
    inputs.cacheTo.length > 0
      ? inputs.cacheTo.map((text) => withScope(text, options.scope))
      : (printed['cache-to'] ?? []);
  return { from, to: to.map(ignoringErrors) };
}

/** Images that share one `type=gha` scope would overwrite each other's cache. */
function withScope(text: string, scope: string | undefined): string {
  const entry = text.includes('=') ? text : `type=registry,ref=${text}`;
  const shared = /(?:^|,)type=gha(?:,|$)/.test(entry) && !/(?:^|,)scope=/.test(entry);
  return shared && scope !== undefined ? `${entry},scope=${scope}` : entry;
}

function ignoringErrors(entry: Entry): Entry {
  if (typeof entry === 'string') {
    if (/(?:^|,)type=inline(?:,|$)/.test(entry)) return entry;
    const full = entry.includes('=') ? entry : `type=registry,ref=${entry}`;
    return `${full.replace(/,ignore-error=[^,]*/, '')},ignore-error=true`;
  }
  if (typeof entry !== 'object' || entry === null || ('type' in entry && entry.type === 'inline'))
    return entry;
  return { ...entry, 'ignore-error': 'true' };
}

/** Folders on this machine that `type=local` caches are read from or written to. */
export function localCacheFolders(entries: readonly Entry[], attribute: 'src' | 'dest'): readonly string[] {
  return entries.flatMap((entry) => {
    if (typeof entry === 'string') {
      if (!/(?:^|,)type=local(?:,|$)/.test(entry)) return [];
      const value = new RegExp(`(?:^|,)${attribute}=([^,]+)`).exec(entry)?.[1];
      return value === undefined ? [] : [value];
    }
    if (typeof entry !== 'object' || entry === null) return [];
    const attributes = new Map<string, unknown>(Object.entries(entry));
    const value = attributes.get(attribute);
    return attributes.get('type') === 'local' && typeof value === 'string' ? [value] : [];
  });
}

/**
 * The cache of one platform of a target, where each is built by itself: they would overwrite each other's. What has no
 * name to be told apart by is left as it is.
 */
export function cacheOfPart(entry: Entry, slug: string): Entry {
  const fields = typeof entry === 'string' ? fieldsOf(entry) : new Map(Object.entries(entry ?? {}));
  const change = (name: string, to: (value: string) => string): void => {
    const value = fields.get(name);
    if (typeof value === 'string') fields.set(name, to(value));
  };
  if (fields.get('type') === 'gha')
    fields.set('scope', `${fields.has('scope') ? `${fields.get('scope')}-` : ''}${slug}`);
  if (fields.get('type') === 'local')
    for (const name of ['src', 'dest']) change(name, (to) => `${to}/${slug}`);
  if (fields.get('type') === 'registry')
    change('ref', (ref) => (/:[^/]*$/.test(ref) ? `${ref}-${slug}` : `${ref}:${slug}`));
  if (typeof entry !== 'string') return Object.fromEntries(fields);
  return [...fields].map(([name, value]) => `${name}=${value}`).join(',');
}

/** `type=gha,mode=max`; a bare reference is a registry's. */
function fieldsOf(entry: string): Map<string, unknown> {
  const full = entry.includes('=') ? entry : `type=registry,ref=${entry}`;
  return new Map(
    full.split(',').map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

/** A cache that cannot be set up; never what a step of a Dockerfile says. */
export function isCacheTrouble({ step, error }: Pick<Failure, 'step' | 'error'>): boolean {
  if (step !== undefined) return /^(?:exporting|importing) .*cache/.test(step);
  return /cache (?:exporter|importer)|cache export (?:feature )?is (?:currently )?not supported/i.test(error);
}

const CACHE_KEYS = ['cache-from', 'cache-to'];

export function hasCaches(document: BakeDocument): boolean {
  return Object.values(document.target).some((target) => CACHE_KEYS.some((key) => target[key] !== undefined));
}

export function withoutCaches(document: BakeDocument): BakeDocument {
  const target = Object.fromEntries(
    Object.entries(document.target).map(([name, definition]) => [
      name,
      Object.fromEntries(Object.entries(definition).filter(([key]) => !CACHE_KEYS.includes(key))),
    ]),
  );
  return { ...document, target };
}
