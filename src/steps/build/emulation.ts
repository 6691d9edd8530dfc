import { resolve } from 'node:path';
import * as z from 'zod/mini';
import type { ResolvedBuild } from '../../model/build.ts';
import { formatPlatform } from '../../model/descriptor.ts';
import { type Problem, problem } from '../../model/errors.ts';
import type { PlannedImage } from '../../model/plan.ts';
import type { Ports } from '../../ports/index.ts';
import type { Builder } from './builder.ts';
import { runOnTarget } from './dockerfile.ts';
import { has } from './nodes.ts';

const fields = z.looseObject({
  context: z.optional(z.string()),
  dockerfile: z.optional(z.string()),
  'dockerfile-inline': z.optional(z.string()),
  target: z.optional(z.string()),
  contexts: z.optional(z.record(z.string(), z.unknown())),
});

/** Nobody writes a larger one by hand. */
const LARGEST = 1024 * 1024;
const SHOWN = 80;

const HINT =
  'Set up QEMU before this step (docker/setup-qemu-action), name a `builder` with a node of that platform, or build it on a runner of that platform (`runners` in the config).';

/**
 * Platforms that the builder can neither build natively nor emulate, for images whose Dockerfile surely runs programs of
 * them. What cannot be told from the Dockerfile is left to the build.
 */
export async function checkEmulation(
  images: readonly PlannedImage[],
  { build, builder, cwd }: { readonly build: ResolvedBuild; readonly builder: Builder; readonly cwd: string },
  { files }: Pick<Ports, 'files'>,
): Promise<readonly Problem[]> {
  if (builder.platforms.length === 0) return [];
  const problems: Problem[] = [];
  for (const { name, source, platforms } of images) {
    const missing = platforms.map(formatPlatform).filter((platform) => !has(builder.platforms, platform));
    const target = source.kind === 'bake' ? build.printed?.target[source.target] : undefined;
    if (missing.length === 0 || target === undefined) continue;
    const { contexts = {}, target: stage } = fields.parse(target);
    const text = await dockerfileOf(target, cwd, { files });
    const replaced = new Set(Object.keys(contexts).map((key) => key.toLowerCase()));
    const run = runOnTarget(text ?? '', { replaced, ...(stage === undefined ? {} : { target: stage }) });
    if (run === undefined) continue;
    const step = run.length <= SHOWN ? run : `${run.slice(0, SHOWN)}…`;
    const message = `the builder ${builder.name} has no node for ${missing.join(', ')} and cannot emulate it, and ${name} runs programs of it: ${step}`;
    problems.push(problem('BUILDER_UNFIT', message, HINT));
  }
  return problems;
}

/** Undefined for one that is not in a folder of this machine, or not there: the build says what is wrong with it. */
async function dockerfileOf(
  target: Readonly<Record<string, unknown>>,
  cwd: string,
  { files }: Pick<Ports, 'files'>,
): Promise<string | undefined> {
  const { context = '.', dockerfile = 'Dockerfile', 'dockerfile-inline': inline } = fields.parse(target);
  if (inline !== undefined) return inline;
  if (/:\/\/|^[\w.-]+@[\w.-]+:/.test(`${context}${dockerfile}`)) return undefined;
  const path = resolve(cwd, context, dockerfile);
  const size = await files.size(path).catch(() => undefined);
  return size === undefined || size > LARGEST || (await files.isFolder(path))
    ? undefined
    : files.readText(path);
}
