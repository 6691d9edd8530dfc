import { randomBytes } from 'node:crypto';
import { ReleaseError } from '../../model/errors.ts';
import type { BuildInputs } from '../../model/inputs.ts';
import type { CommandResult } from '../../ports/exec.ts';
import type { Ports } from '../../ports/index.ts';
import { checkBuildx, dockerError } from './docker-error.ts';
import { type BuilderNode, type InspectedBuilder, parseInspect } from './inspect-output.ts';
import { emulatedForNothing, has, needsSeveralNodes } from './nodes.ts';

/** The builder of this run. One with `create` does not exist yet: the build makes it, the post step removes it. */
export type Builder = {
  readonly name: string;
  readonly driver: string;
  /** Version of the buildx plugin. */
  readonly buildx: string;
  readonly platforms: readonly string[];
  /** Several of its nodes make the platforms of one image: each platform is built by itself. */
  readonly split?: true;
  readonly create?: { readonly image?: string; readonly reason: string };
};

export type BuilderNeeds = { readonly platforms: readonly string[]; readonly multiPlatform: boolean };
type Wanted = Pick<BuildInputs, 'builder' | 'builderImage'>;

/** What buildx says of itself and of the wanted or present builder; not yet judged. */
export type BuilderAnswers = { readonly version: CommandResult; readonly inspected: CommandResult };

/** Asks buildx what `chooseBuilder` needs to know; the plan need not be known for it. Reads only. */
export async function askBuilder({ builder }: Wanted, ports: Pick<Ports, 'exec'>): Promise<BuilderAnswers> {
  const named = builder === undefined ? [] : [builder];
  const [version, inspected] = await Promise.all([
    docker(['buildx', 'version'], ports),
    docker(['buildx', 'inspect', '--', ...named], ports),
  ]);
  return { version, inspected };
}

/**
 * The present builder when it can export OCI layouts, else a docker-container builder that is still to be created.
 * Reads only. Throws TOOL_MISSING (docker or buildx absent, too old, daemon not reachable) and BUILDER_UNFIT (the named
 * builder does not exist, does not answer, or cannot export).
 */
export async function chooseBuilder(
  wanted: Wanted,
  needs: BuilderNeeds,
  ports: Pick<Ports, 'exec' | 'log'>,
  asked: Promise<BuilderAnswers> = askBuilder(wanted, ports),
): Promise<Builder> {
  const { version, inspected } = await asked;
  const buildx = checkBuildx(version);
  const present = readInspected(inspected, wanted.builder);
  const unfit = await whyUnfit(present, ports);
  const platforms = [...new Set(present.nodes.flatMap((node) => node.platforms))];
  if (unfit === undefined) {
    refuseBrokenNode(present, needs.platforms);
    for (const { platform, by, native } of emulatedForNothing(present.nodes, needs.platforms))
      ports.log.warning(
        `buildx gives ${platform} to the node ${by}, which emulates it, although ${native} is of that platform: give it to ${native} with \`docker buildx create --append --name ${present.name} --node ${native} --platform ${platform}\`.`,
      );
    tellMissingPlatforms(needs.platforms, platforms, present.name, ports);
    const split = needs.multiPlatform && needsSeveralNodes(present.nodes, needs.platforms);
    return { name: present.name, driver: present.driver, buildx, platforms, ...(split ? { split } : {}) };
  }
  if (wanted.builder !== undefined)
    throw new ReleaseError('BUILDER_UNFIT', `the builder ${wanted.builder} cannot be used: ${unfit}`);
  const image = wanted.builderImage;
  return {
    name: `module-release-${randomBytes(6).toString('hex')}`,
    driver: 'docker-container',
    buildx,
    // The machine is the same, and so is what it can emulate.
    platforms,
    create: { reason: unfit, ...(image === undefined ? {} : { image }) },
  };
}

function docker(args: readonly string[], { exec }: Pick<Ports, 'exec'>): Promise<CommandResult> {
  return exec.run({ file: 'docker', args, environment: 'full' });
}

function readInspected(result: CommandResult, name: string | undefined): InspectedBuilder {
  const present = result.exitCode === 0 ? parseInspect(result.stdout) : undefined;
  const said = [present?.error, ...(present?.nodes.map((node) => node.error) ?? []), result.stderr]
    .filter((text) => text !== undefined)
    .join('\n');
  if (present !== undefined && present.error === undefined && present.nodes.some(answers)) return present;
  const about = dockerError(said);
  if (about !== undefined && name === undefined) throw about;
  const what = name === undefined ? 'the current builder' : `the builder ${name}`;
  throw new ReleaseError(
    'BUILDER_UNFIT',
    `${what} cannot be used: ${said.trim().replace(/^ERROR: /, '') || 'docker buildx inspect shows no node'}`,
    {
      hint: 'Check `docker buildx ls`, name another `builder`, or leave it out.',
      cause: about,
    },
  );
}

/** A node that is only asleep is started by the build. */
function answers(node: BuilderNode): boolean {
  return node.error === undefined;
}

/** The docker driver exports layouts only with the containerd image store; all other drivers can. */
async function whyUnfit(builder: InspectedBuilder, ports: Pick<Ports, 'exec'>): Promise<string | undefined> {
  if (builder.driver !== 'docker') return undefined;
  const node = builder.nodes[0];
  if (node?.labels['org.mobyproject.buildkit.worker.containerd.namespace'] !== undefined) return undefined;
  const endpoint = node?.endpoint ?? 'default';
  const context = endpoint === 'default' ? [] : ['--context', endpoint];
  const info = await docker([...context, 'info', '--format', '{{json .DriverStatus}}'], ports);
  if (info.stdout.includes('io.containerd.snapshotter')) return undefined;
  return 'docker runs without the containerd image store and cannot export OCI layouts';
}

/** A platform that only the node may have that does not answer would be built elsewhere, by emulation or not at all. */
function refuseBrokenNode(builder: InspectedBuilder, wanted: readonly string[]): void {
  const platforms = builder.nodes.flatMap((node) => node.platforms);
  const missing = wanted.filter((text) => !has(platforms, text));
  const broken = builder.nodes.find((node) => !answers(node));
  if (broken === undefined || missing.length === 0) return;
  throw new ReleaseError(
    'BUILDER_UNFIT',
    `the builder ${builder.name} has no node for ${missing.join(', ')}, and its node ${broken.name} does not answer: ${broken.error ?? 'no message'}`,
    {
      hint: 'Start that node, or remove it from the builder (`docker buildx create --name … --leave --node …`).',
    },
  );
}

function tellMissingPlatforms(
  wanted: readonly string[],
  present: readonly string[],
  builder: string,
  { log }: Pick<Ports, 'log'>,
): void {
  if (present.length === 0) return;
  const missing = wanted.filter((text) => !has(present, text));
  if (missing.length === 0) return;
  log.info(
    `The builder ${builder} cannot run programs of ${missing.join(', ')}: steps that only copy files work, RUN steps need QEMU (docker/setup-qemu-action) or a node of that platform.`,
  );
}
