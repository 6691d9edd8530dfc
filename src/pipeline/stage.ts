import { join } from 'node:path';
import { mapLimit } from '../model/concurrency.ts';
import { samePlatform } from '../model/descriptor.ts';
import { ReleaseError, releaseErrorOf } from '../model/errors.ts';
import type { BuiltImage, StagingStore } from '../model/image.ts';
import { type Plan, type PlannedImage, stepDecision } from '../model/plan.ts';
import type { Ports } from '../ports/index.ts';
import { adoptImage, assembleImage, bringImage, buildImages } from '../steps/build/run.ts';
import { decideSources, gateError } from '../steps/gate/run.ts';
import { scanSources } from '../steps/inspect/run.ts';
import { compareBrought, compareRebuilt, type RegistryState } from '../steps/preflight/run.ts';
import { requireDigests, requireHandedBytes, requireHandedParents } from './handed.ts';
import type { Inspection } from './inspect.ts';
import type { Ready } from './preflight.ts';
import type { Start } from './start.ts';
import type { Study } from './study.ts';

/**
 * Every image of the plan in the staging store, in the plan's order: adopted from the registry, brought by the user, or
 * built. Adopted ones come first, because images that are still to be built may stand on them. Each goes to the inspection as
 * soon as it is there.
 */
export async function stageImages(
  start: Start,
  studied: Study,
  ready: Ready,
  inspection: Pick<Inspection, 'begin' | 'abandon'>,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  await checkSources(start, ready, ports);
  try {
    return await stageAll(start, studied, ready, inspection.begin, ports);
  } catch (error) {
    await inspection.abandon();
    throw error;
  }
}

async function stageAll(
  start: Start,
  studied: Study,
  ready: Ready,
  staged: (image: BuiltImage) => void,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  const store: StagingStore = { root: await ports.files.makeTempFolder('stage') };
  const here = [
    ...(await adoptAll(studied, ready, store, ports)),
    ...(await assembleAll(studied, ready, store, ports)),
    ...(await bringAll(studied, ready, store, ports)),
  ];
  for (const image of here) staged(image);
  const built = await buildAll(start, studied, ready, { store, here, staged }, ports);
  const unequal = [...here, ...built].flatMap(({ planned: { name }, top }) => {
    const adoption = ready.state.adoptions.get(name);
    // Of a shard there is no index yet to be compared.
    return adoption?.do === 'rebuild' && studied.plan.command !== 'build'
      ? compareRebuilt(name, adoption.held, top.digest)
      : [];
  });
  if (unequal.length > 0) throw releaseErrorOf(unequal);
  requireHandedBytes([...here, ...built], ready.handed);
  requireHandedParents([...here, ...built], ready.handed);
  requireDigests([...here, ...built], start.inputs.fanOut.digests);
  const images = new Map([...here, ...built].map((image) => [image.planned.name, image]));
  return studied.plan.images.map((planned) => {
    const image = images.get(planned.name);
    if (image === undefined) throw new ReleaseError('INTERNAL', `an image was not staged: ${planned.name}`);
    return image;
  });
}

/** Folders that `source-secrets` names are looked through before anything is built from them. */
async function checkSources({ inputs }: Start, { trivy, policy }: Ready, ports: Ports): Promise<void> {
  const { sourceSecrets, timeoutSeconds } = inputs.gate;
  if (sourceSecrets.length === 0) return;
  const found = await scanSources(sourceSecrets, { trivy, timeoutSeconds }, ports);
  const verdict = decideSources(policy, found, ports.clock.now());
  if (!verdict.passed) throw gateError(verdict);
}

async function adoptAll(
  { plan }: Study,
  { state, spared, handed }: Ready,
  store: StagingStore,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  const isAdopted = ({ name }: PlannedImage) => state.adoptions.get(name)?.do === 'adopt';
  // What is built here may stand on layers of what is not.
  const builds = plan.images.some(
    (planned) => planned.source.kind === 'bake' && !isAdopted(planned) && !handed.has(planned.name),
  );
  const adopted = await mapLimit(plan.images, 2, async (planned) => {
    const adoption = state.adoptions.get(planned.name);
    const layers = builds || !spared.has(planned.name);
    return adoption?.do === 'adopt'
      ? [onlyPlanned(await adoptImage(planned, adoption.from, store, ports, { layers }))]
      : [];
  });
  return adopted.flat();
}

/** A shard goes on with its own platforms. */
function onlyPlanned(image: BuiltImage): BuiltImage {
  const { platforms } = image.planned;
  if (platforms.length === 0) return image;
  const own = image.platforms.filter(({ platform }) =>
    platforms.some((each) => samePlatform(each, platform)),
  );
  return { ...image, platforms: own };
}

/** What shards have made, where no earlier run has. Bytes that nobody vouches for are pulled whole, to be looked into. */
async function assembleAll(
  { plan, build }: Study,
  { state, handed, inspected }: Ready,
  store: StagingStore,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  const isHere = ({ name }: PlannedImage) => handed.has(name) || state.adoptions.get(name)?.do === 'adopt';
  const builds = plan.images.some((planned) => planned.source.kind === 'bake' && !isHere(planned));
  const images: BuiltImage[] = [];
  for (const planned of plan.images) {
    const platforms = handed.get(planned.name);
    if (platforms === undefined || state.adoptions.get(planned.name)?.do === 'adopt') continue;
    const layers = builds || !inspected.has(planned.name);
    const spec = { planned, platforms, store, layers, ...(build === undefined ? {} : { build }) };
    const image = await assembleImage(spec, ports);
    requireSameBytes(plan, state, image);
    images.push(image);
  }
  return images;
}

/** Brought bytes have no plan hash: an immutable tag that is there already must hold these very bytes. */
async function bringAll(
  { plan }: Study,
  { state, handed }: Ready,
  store: StagingStore,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  const brought: BuiltImage[] = [];
  for (const planned of plan.images) {
    if (planned.source.kind === 'bake' || handed.has(planned.name)) continue;
    const image = await bringImage(planned, store, ports);
    requireSameBytes(plan, state, image);
    brought.push(plan.command === 'build' ? onlyPlanned(image) : image);
  }
  return brought;
}

function requireSameBytes(plan: Plan, { adoptions }: RegistryState, { planned, top }: BuiltImage): void {
  const adoption = adoptions.get(planned.name);
  if (adoption?.do !== 'compare' || plan.command === 'build') return;
  const problems = compareBrought(adoption.held, top.digest);
  if (problems.length > 0) throw releaseErrorOf(problems);
}

type Staging = {
  readonly store: StagingStore;
  readonly here: readonly BuiltImage[];
  readonly staged: (image: BuiltImage) => void;
};

async function buildAll(
  { inputs, machine }: Start,
  { plan, build, secretEnv }: Study,
  { builder }: Ready,
  { store, here, staged }: Staging,
  ports: Ports,
): Promise<readonly BuiltImage[]> {
  if (build === undefined) return [];
  return buildImages(
    {
      plan,
      build,
      store,
      staged,
      secretEnv,
      materials: stepDecision(plan, 'attest').do === 'run' || plan.signsHandoff === true,
      inputs: inputs.build,
      adopted: new Map(here.map((image) => [image.planned.name, image])),
      workspace: inputs.workspace,
      cwd: inputs.workingDirectory,
      ...(machine.stays && machine.toolCache !== undefined
        ? { keepLayersIn: join(machine.toolCache, 'module-release', 'layers') }
        : {}),
      ...(builder === undefined ? {} : { builder }),
    },
    ports,
  );
}
