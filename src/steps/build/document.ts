import * as z from 'zod/mini';
import { type BakeDocument, bakeText, type ResolvedBuild } from '../../model/build.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import { type BuiltImage, layoutPath, type StagingStore } from '../../model/image.ts';
import type { BuildInputs } from '../../model/inputs.ts';
import type { PlannedImage } from '../../model/plan.ts';
import { annotationsOf } from './annotations.ts';
import { cacheOfPart, cachesOf } from './cache-entries.ts';
import { parentOf } from './graph.ts';
import { secretsOf } from './secrets.ts';

type Target = Readonly<Record<string, unknown>>;

export type DocumentOptions = {
  readonly build: ResolvedBuild;
  /** The images that bake makes in this run, by target. */
  readonly images: ReadonlyMap<string, PlannedImage>;
  /** Images that are already in the staging store, by target: their children are built on those very bytes. */
  readonly present: ReadonlyMap<string, BuiltImage>;
  /** Where the images of `present` are. */
  readonly store: StagingStore;
  /** Where bake writes to. */
  readonly raw: StagingStore;
  readonly inputs: BuildInputs;
  readonly tagRelease: boolean;
  /** Other jobs make other images of the same set. */
  readonly isShard?: boolean;
  /** BuildKit is to say what each image is made from. */
  readonly materials?: boolean;
};

const contextsSchema = z.optional(z.record(z.string(), z.nullable(z.string())));
const listSchema = z.optional(z.array(z.unknown()));
const textsSchema = z.optional(z.array(z.string()));

/**
 * The one bake file of the build: everything as bake resolved it for the plan, plus what the release decides: where the
 * bytes go, labels, annotations, platforms, attestations, caches. No value of a secret is in it.
 * https://docs.docker.com/build/bake/reference/
 */
export function bakeDocument(options: DocumentOptions): BakeDocument {
  const { printed } = options.build;
  if (printed === undefined) throw new ReleaseError('INTERNAL', 'a build without what bake printed');
  const target = Object.fromEntries(
    Object.entries(printed.target).map(([name, definition]) => [name, targetOf(name, definition, options)]),
  );
  return { target: z.record(z.string(), z.record(z.string(), z.unknown())).parse(literal(target)) };
}

function targetOf(name: string, printed: Target, options: DocumentOptions): Target {
  const planned = options.images.get(name);
  const shared = { ...without(printed, DECIDED), ...common(printed, options) };
  if (planned === undefined) return { ...shared, ...parentOnly(name, options) };
  const attests = options.build.targets[name]?.attests ?? false;
  const platforms = planned.platforms.map(formatPlatform);
  const caches = cachesOf(lists(printed), options.inputs, {
    tagRelease: options.tagRelease,
    ...(options.images.size > 1 || options.isShard === true ? { scope: name } : {}),
  });
  // Of an image whose platforms are built by several jobs each has a cache of its own.
  const slug = platforms.join('-').replaceAll('/', '-');
  const own = (entries: typeof caches.from) =>
    planned.partial === true ? entries.map((entry) => cacheOfPart(entry, slug)) : entries;
  const annotations = textsSchema.parse(printed.annotations) ?? [];
  return {
    ...shared,
    ...(platforms.length === 0 ? {} : { platforms }),
    labels: planned.labels,
    annotations: annotationsOf(planned, annotations, platforms.length > 1 || attests),
    ...(attests ? { attest: printed.attest } : options.materials === true ? MATERIALS : NO_ATTESTATION),
    ...(caches.from.length === 0 ? {} : { 'cache-from': own(caches.from) }),
    ...(caches.to.length === 0 ? {} : { 'cache-to': own(caches.to) }),
    output: [outputFor(layoutPath(options.raw, planned.name), attests)],
  };
}

/** The annotations of an image with an index, as bake takes them. */
export function targetAnnotations(
  { printed }: ResolvedBuild,
  target: string,
  planned: PlannedImage | undefined,
): readonly string[] {
  const own = textsSchema.parse(printed?.target[target]?.annotations) ?? [];
  return planned === undefined ? own : annotationsOf(planned, own, true);
}

/** The same build, of which nothing is kept of these targets but the builder's cache, and no cache is exported. */
export function withoutOutputs(document: BakeDocument, targets?: readonly string[]): BakeDocument {
  const target = Object.fromEntries(
    Object.entries(document.target).map(([name, definition]) => [
      name,
      targets?.includes(name) === false
        ? without(definition, ['cache-to'])
        : { ...without(definition, UNEXPORTED), ...NO_ATTESTATION, output: ['type=cacheonly'] },
    ]),
  );
  return { ...document, target };
}

const UNEXPORTED = ['annotations', 'cache-to', 'no-cache', 'no-cache-filter'];

/** What the release decides for itself. */
const DECIDED = ['output', 'tags', 'attest', 'annotations', 'cache-from', 'cache-to'];
const NO_ATTESTATION = { attest: ['type=provenance,disabled=true'] };
/**
 * Read from the exported layout, and not taken along. (The metadata file of buildx 0.29 names the materials of an image
 * with one platform only.) `min` holds no build arguments.
 */
const MATERIALS = { attest: ['type=provenance,mode=min'] };

/**
 * A layout folder; no time in a layer is after SOURCE_DATE_EPOCH, so that equal files make equal layers. BuildKit gzips a
 * layer twice for that, once before and once after, and again for every image that has it: so its layers come out plain,
 * and each is gzipped once when it enters the staging store. Inline attestations name manifests by digest, so images that
 * have them are left to BuildKit. https://docs.docker.com/build/exporters/oci-docker/
 */
export function outputFor(folder: string, attests: boolean): string {
  const form = attests ? 'rewrite-timestamp=true' : 'compression=uncompressed';
  return `type=oci,tar=false,${form},${csv(`dest=${folder}`)}`;
}

function csv(field: string): string {
  return /[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function parentOnly(name: string, options: DocumentOptions): Target {
  const platforms = parentPlatforms(name, options, new Set());
  return { ...NO_ATTESTATION, ...(platforms.length === 0 ? {} : { platforms }) };
}

/**
 * A target that is only built on must have the platforms of what is built on it here, else a child gets foreign bytes; and no
 * others: a shard runs where the others cannot. One for other platforms than its children is so by intent, and keeps its own.
 */
function parentPlatforms(name: string, options: DocumentOptions, seen: Set<string>): readonly string[] {
  const own = options.build.targets[name]?.platforms ?? [];
  const wanted = childPlatforms(name, options, seen);
  const common = own.filter((platform) => wanted.includes(platform));
  if (own.length === 0) return wanted;
  return common.length === 0 ? own : common;
}

function childPlatforms(name: string, options: DocumentOptions, seen: Set<string>): readonly string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const { selected, targets } = options.build;
  const children = Object.values(targets).filter((target) => target.parents.includes(name));
  const found = children.flatMap((child) => {
    const planned = options.images.get(child.name)?.platforms.map(formatPlatform);
    if (planned !== undefined)
      return planned.length > 0 ? planned : childPlatforms(child.name, options, seen);
    return selected.includes(child.name) ? [] : parentPlatforms(child.name, options, seen);
  });
  return [...new Set(found)];
}

function common(printed: Target, options: DocumentOptions): Target {
  const { inputs } = options;
  const contexts = contextsSchema.parse(printed.contexts) ?? {};
  const replaced = Object.fromEntries(
    Object.entries(contexts).map(([key, value]) => [key, presentParent(value, options) ?? value]),
  );
  const secrets = secretsOf(listSchema.parse(printed.secret) ?? [], inputs);
  const ssh = listSchema.parse(printed.ssh) ?? [];
  return {
    ...(Object.keys(replaced).length === 0 ? {} : { contexts: replaced }),
    ...(secrets.length === 0 ? {} : { secret: secrets }),
    ...(ssh.length > 0 || inputs.ssh.length === 0 ? {} : { ssh: inputs.ssh }),
    ...(inputs.noCache ? { 'no-cache': true } : {}),
    ...(inputs.pull ? { pull: true } : {}),
    ...(inputs.network === undefined ? {} : { network: inputs.network }),
  };
}

/** A parent that is in the staging store already, by digest. https://docs.docker.com/build/concepts/context/#oci-layout */
function presentParent(value: string | null, options: DocumentOptions): string | undefined {
  const image = options.present.get(parentOf(value) ?? '');
  if (image === undefined) return undefined;
  return `oci-layout://${layoutPath(options.store, image.planned.name)}@${image.top.digest}`;
}

function lists(printed: Target): { 'cache-from'?: readonly unknown[]; 'cache-to'?: readonly unknown[] } {
  const [from, to] = [listSchema.parse(printed['cache-from']), listSchema.parse(printed['cache-to'])];
  return {
    ...(from === undefined ? {} : { 'cache-from': from }),
    ...(to === undefined ? {} : { 'cache-to': to }),
  };
}

function without(target: Target, keys: readonly string[]): Target {
  return Object.fromEntries(Object.entries(target).filter(([key]) => !keys.includes(key)));
}

/** bake reads every string of a JSON file as a template. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return bakeText(value);
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [bakeText(key), literal(item)]));
}
