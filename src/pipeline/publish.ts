import { join } from 'node:path';
import { ReleaseError, releaseErrorOf, toReleaseError } from '../model/errors.ts';
import type { TaggedImage } from '../model/image.ts';
import type { JsonObject } from '../model/json.ts';
import { type Plan, type PlannedImage, stepDecision } from '../model/plan.ts';
import type { PublishedModule, PublishRequest } from '../model/publish.ts';
import { versionTag } from '../model/version.ts';
import type { Ports } from '../ports/index.ts';
import { serverOf } from '../steps/attest/run.ts';
import type { RegistryState } from '../steps/preflight/run.ts';
import {
  distrust,
  generateSigner,
  type ImageSigner,
  loadSigner,
  type ManifestSigner,
  publishManifest,
  publishModule,
  versionExists,
} from '../steps/publish/run.ts';
import { readInside } from '../steps/survey/run.ts';
import type { Signing } from './signing.ts';
import type { Start } from './start.ts';

/** A module that is going to be published, with its manifest as it will be sent. */
type ReadyModule = { readonly image: PlannedImage; readonly request: Omit<PublishRequest, 'image'> };

export type PublishReady = { readonly modules: readonly ReadyModule[]; readonly signer?: ManifestSigner };

/**
 * The key and the manifests, read and signed before the first minute. Undefined when nothing is published, or the plan has
 * told already what is missing. Throws INPUT_INVALID, MANIFEST_INVALID.
 */
export async function preparePublish(
  { inputs, context }: Start,
  plan: Plan,
  ports: Pick<Ports, 'files' | 'publishApi'>,
): Promise<PublishReady | undefined> {
  const { publish, workspace } = inputs;
  const isRead = !plan.problems.some(({ code }) => code === 'MANIFEST_INVALID');
  if (plan.publish === undefined || publish.token === undefined || !isRead) return undefined;
  const signer = await signerOf(inputs.publish, ports);
  const modules = await Promise.all(
    plan.publish.map(async ({ image: name, manifest: path }): Promise<readonly ReadyModule[]> => {
      const image = plan.images.find((each) => each.name === name);
      const version = image?.version ?? plan.version;
      if (image === undefined || version === undefined) return [];
      const manifest =
        path === undefined ? {} : publishManifest(await readManifest(path, workspace, ports), path);
      const request = {
        name: textOf(manifest, 'name') ?? name,
        version: textOf(manifest, 'version') ?? version.raw,
        manifest: signer?.sign(manifest) ?? manifest,
        scope: publish.scope,
        ...(publish.org === undefined ? {} : { org: publish.org }),
        source: {
          repository: context.repository,
          revision: plan.revision,
          run: `${context.serverUrl}/${context.repository}/actions/runs/${context.runId}`,
        },
      };
      return [{ image, request }];
    }),
  );
  return { modules: modules.flat(), ...(signer === undefined ? {} : { signer }) };
}

/** Nothing that a link leads to outside of the checkout is sent to anybody. */
async function readManifest(path: string, workspace: string, ports: Pick<Ports, 'files'>): Promise<string> {
  const read = await readInside(join(workspace, path), workspace, ports);
  if (read !== undefined && 'text' in read) return read.text;
  const why = read?.fault ?? 'it is not there';
  throw new ReleaseError('MANIFEST_INVALID', `${path} cannot be published: ${why}`);
}

async function signerOf(
  { key, generateKeys }: Start['inputs']['publish'],
  { publishApi }: Pick<Ports, 'publishApi'>,
): Promise<ManifestSigner | undefined> {
  if (!publishApi.signsManifests) return undefined;
  if (key !== undefined) return loadSigner(key);
  return generateKeys ? generateSigner() : undefined;
}

function textOf(manifest: JsonObject, key: string): string | undefined {
  const value = manifest[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The dry run on the server, by tag, since nothing is built yet: rights, allow-list and form. Warns when the platform would
 * not believe who signs the images. Throws what the platform refuses, and PUBLISH_VERSION_EXISTS where the image of that
 * version cannot be one of ours.
 */
export async function rehearsePublish(
  { modules, signer }: PublishReady,
  plan: Plan,
  { state, signing }: { readonly state?: RegistryState; readonly signing?: Signing },
  ports: Pick<Ports, 'log' | 'publishApi'>,
): Promise<void> {
  const { publishApi, log } = ports;
  if (publishApi.signsManifests && signer === undefined) return;
  for (const { image, request } of modules) {
    const [repository] = image.repositories;
    const version = image.version ?? plan.version;
    if (repository === undefined || version === undefined) continue;
    const ref = { repository, tag: versionTag(version) };
    const answer = await publishApi.dryRun({ ...request, image: ref });
    if (answer.kind === 'exists') {
      // An image of this version that is in the registry already may be what was published: its digest will tell.
      if (state?.adoptions.get(image.name)?.do !== 'build') continue;
      throw versionExists({ ...request, platform: publishApi.name, ref }, undefined, answer.message);
    }
    log.info(`${publishApi.name} would take ${request.name} ${request.version}.`);
    const why = answer.trustedSigners && distrust(imageSigner(plan, signing), answer.trustedSigners);
    if (why !== undefined)
      log.warning(
        `${publishApi.name} may refuse the image of ${request.name}: ${why}. Have this workflow added to the trusted signers of the organization, and let it attest.`,
      );
  }
}

/** Preflight has prepared it wherever the plan publishes. */
export function readyToPublish({ publish }: { readonly publish?: PublishReady }): PublishReady {
  if (publish === undefined)
    throw new ReleaseError('INTERNAL', 'the plan publishes, and nothing is ready for it');
  return publish;
}

function imageSigner(plan: Plan, signing: Signing | undefined): ImageSigner {
  if (signing === undefined || stepDecision(plan, 'attest').do === 'skip') return { kind: 'nobody' };
  const { claims, signer } = signing;
  if (signer.publicKey !== undefined) return { kind: 'key', publicKey: signer.publicKey };
  if (claims === undefined) return { kind: 'nobody' };
  const { issuer, jobWorkflowRef } = claims;
  return { kind: 'workflow', san: `${serverOf(issuer, issuer)}/${jobWorkflowRef}`, issuer };
}

/**
 * One module after the other; what came of each is told at once. One that fails leaves the others alone: a re-run finishes
 * what is missing. Throws for all that failed.
 */
export async function publishAll(
  { inputs }: Start,
  { modules, signer }: PublishReady,
  images: readonly TaggedImage[],
  ports: Ports,
  note: (published: readonly PublishedModule[]) => void,
): Promise<readonly PublishedModule[]> {
  let told: readonly PublishedModule[] = [];
  const failures: unknown[] = [];
  for (const { image, request } of modules) {
    const released = images.find(({ planned }) => planned.name === image.name);
    const ref = released?.subjects[0];
    if (released === undefined || ref === undefined) continue;
    const task = {
      image: image.name,
      request: { ...request, image: ref },
      descriptor: released.descriptor,
      ...(signer === undefined ? {} : { signer }),
    };
    const tell = (module: PublishedModule): void => {
      told = [...told.filter((each) => each.image !== module.image), module];
      note(told);
    };
    await publishModule(task, inputs.publish, ports, tell).catch((error) => failures.push(error));
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw releaseErrorOf(failures.flatMap((each) => toReleaseError(each).problems));
  return told;
}
