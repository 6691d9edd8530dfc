import * as z from 'zod/mini';
import type { BakeDocument, ResolvedBuild, ResolvedTarget } from '../../model/build.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';

export type BuildSpec = {
  /** The user's bake files, absolute or relative to `cwd`; none = bake's own default names. */
  readonly files: readonly string[];
  /** Targets, groups, or patterns; none = the group or target `default`. */
  readonly targets: readonly string[];
  readonly cwd: string;
  /** Our generated bake file, when the images were declared one by one. */
  readonly document?: BakeDocument;
  /** Values of build secrets by environment name: bake refuses a file whose secrets are not there. */
  readonly secretEnv?: Readonly<Record<string, string>>;
};

/**
 * Lets bake resolve groups, matrices, variables and inheritance, without building. Throws INPUT_INVALID with bake's own
 * words. https://docs.docker.com/reference/cli/docker/buildx/bake/#print
 */
export async function resolveBuild(spec: BuildSpec, ports: Pick<Ports, 'exec'>): Promise<ResolvedBuild> {
  const { exitCode, stdout, stderr } = await ports.exec.run({
    file: 'docker',
    args: printArgs(spec),
    cwd: spec.cwd,
    environment: 'full',
    ...(spec.secretEnv === undefined ? {} : { env: spec.secretEnv }),
    ...(spec.document === undefined ? {} : { stdin: JSON.stringify(spec.document) }),
  });
  if (exitCode !== 0) throw printError(stderr);
  return parsePrint(stdout, spec.cwd, spec.targets);
}

export function printArgs(spec: BuildSpec): readonly string[] {
  const { document } = spec;
  const files = spec.files.flatMap((file) => ['--file', file]);
  const generated = document === undefined ? [] : ['--file', '-'];
  const all =
    document === undefined || document.group?.default !== undefined ? [] : Object.keys(document.target);
  const targets = spec.targets.length > 0 ? spec.targets : all;
  return ['buildx', 'bake', '--print', ...files, ...generated, '--', ...targets];
}

/** Without the plugin, docker takes `buildx` for an unknown word and answers with its own usage. */
const NO_PLUGIN =
  /is not a docker command|unknown command: docker buildx|Usage:\s+docker \[OPTIONS\] COMMAND/;

function printError(stderr: string): ReleaseError {
  if (NO_PLUGIN.test(stderr))
    return new ReleaseError('TOOL_MISSING', 'docker has no buildx plugin', {
      hint: 'Install docker-buildx (0.20 or newer); hosted runners have it.',
    });
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.findLast((line) => line.startsWith('ERROR: ')) ?? lines.at(-1) ?? 'no message';
  return new ReleaseError(
    'INPUT_INVALID',
    `the bake definition cannot be resolved: ${last.replace('ERROR: ', '')}`,
    {
      hint: 'Run `docker buildx bake --print` with the same files and targets, and correct what it names.',
      cause: new Error(lines.join('\n')),
    },
  );
}

const strings = z.record(z.string(), z.nullable(z.string()));
/** buildx prints attestations and secrets as objects; early releases printed the CSV that the user wrote. */
const entry = z.union([z.string(), z.record(z.string(), z.unknown())]);

const printed = z.object({
  group: z.optional(z.record(z.string(), z.object({ targets: z.array(z.string()) }))),
  target: z.record(
    z.string().check(z.regex(/^[\w-]+$/)),
    z.looseObject({
      contexts: z.optional(strings),
      platforms: z.optional(z.array(z.string())),
      attest: z.optional(z.array(entry)),
      labels: z.optional(strings),
      secret: z.optional(z.array(entry)),
      ssh: z.optional(z.array(entry)),
    }),
  ),
});
type Printed = z.infer<typeof printed>;
type PrintedTarget = Printed['target'][string];

/**
 * What bake printed, as our graph: selected in the order of `requested`, what patterns and defaults add after it. `cwd` is
 * taken off absolute paths, so that two machines agree on a definition.
 */
export function parsePrint(stdout: string, cwd: string, requested: readonly string[] = []): ResolvedBuild {
  const parsed = z.safeParse(printed, readJson(stdout));
  if (!parsed.success)
    throw new ReleaseError('TOOL_FAILED', 'docker buildx bake --print answered in an unknown form', {
      hint: 'Use buildx 0.20 or newer.',
      cause: parsed.error,
    });
  const { group = {} } = parsed.data;
  const target = mapValues(parsed.data.target, toLiteral);
  // bake sorts what it prints; everything asked for is in its group `default`, whatever the user's file says of it.
  const found = leaves('default', group, new Set());
  const all = new Set(found.filter((name) => Object.hasOwn(target, name)));
  const strange = found.filter((name) => !all.has(name));
  if ((all.size === 0 && group.default !== undefined) || strange.includes('__proto__'))
    throw new ReleaseError('INPUT_INVALID', `bake has no target that can be built: ${strange.join(', ')}`);
  const named = requested.flatMap((name) => leaves(name, group, new Set())).filter((name) => all.has(name));
  return {
    selected: [...new Set([...named, ...all])],
    targets: mapValues(target, (definition, name) => toTarget(name, definition, cwd)),
    printed: { target },
  };
}

/**
 * bake writes some of its fields as templates again, so that a literal `${` is printed as `$${`.
 * https://github.com/docker/buildx/blob/master/bake/bake.go (Target.MarshalJSON)
 */
const PRINTED_AS_TEMPLATE = ['args', 'labels', 'annotations', 'dockerfile-inline'];

function toLiteral(target: PrintedTarget): PrintedTarget {
  return mapValues(target, (value, key) => (PRINTED_AS_TEMPLATE.includes(key) ? literalOf(value) : value));
}

function literalOf(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$${', '${').replaceAll('%%{', '%{');
  if (Array.isArray(value)) return value.map(literalOf);
  return typeof value === 'object' && value !== null ? mapValues({ ...value }, literalOf) : value;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** bake prints what was asked for as the group `default`; matrices are groups too. */
function leaves(name: string, groups: Printed['group'] & {}, above: ReadonlySet<string>): readonly string[] {
  // `constructor` is a name like any other.
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (group === undefined || above.has(name)) return [name];
  return group.targets.flatMap((member) => leaves(member, groups, new Set([...above, name])));
}

/** They decide where bytes go and how fast they come, not what they are. */
const SHAPELESS = new Set([
  'output',
  'tags',
  'cache-from',
  'cache-to',
  'no-cache',
  'no-cache-filter',
  'pull',
  'secret',
  'ssh',
  'description',
]);

function toTarget(name: string, printedTarget: PrintedTarget, cwd: string): ResolvedTarget {
  const shaping = Object.entries(printedTarget).filter(([key]) => !SHAPELESS.has(key));
  const secrets = (printedTarget.secret ?? []).map((secret) => attributes(secret).id);
  return {
    name,
    parents: Object.values(printedTarget.contexts ?? {}).flatMap((value) =>
      value?.startsWith('target:') ? [value.slice('target:'.length)] : [],
    ),
    platforms: printedTarget.platforms ?? [],
    attests: (printedTarget.attest ?? []).map(attributes).some((attest) => !isTrue(attest.disabled)),
    labels: withoutNulls(printedTarget.labels ?? {}),
    definition: {
      ...Object.fromEntries(shaping.map(([key, value]) => [key, relativize(value, cwd)])),
      ...(secrets.length === 0 ? {} : { secret: secrets }),
    },
  };
}

function attributes(value: z.infer<typeof entry>): Readonly<Record<string, unknown>> {
  if (typeof value !== 'string') return value;
  return Object.fromEntries(
    value.split(',').map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    }),
  );
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === '1';
}

function withoutNulls(values: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  );
}

function mapValues<T, R>(
  values: Readonly<Record<string, T>>,
  map: (value: T, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value, key)]));
}

function relativize(value: unknown, cwd: string): unknown {
  if (typeof value === 'string')
    return value === cwd ? '.' : value.startsWith(`${cwd}/`) ? value.slice(cwd.length + 1) : value;
  if (Array.isArray(value)) return value.map((item) => relativize(item, cwd));
  if (typeof value !== 'object' || value === null) return value;
  return mapValues({ ...value }, (item) => relativize(item, cwd));
}
