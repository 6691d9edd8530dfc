import type { RunContext } from '../model/context.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs, NameInputs } from '../model/inputs.ts';
import { isRepositoryPath, type Repository, repositoryOf } from '../model/reference.ts';

/** An image's name with where it comes from, for messages. */
export type NameSource = {
  readonly name: string;
  readonly from: string;
  readonly at?: Problem['at'];
};

/** Where the images of this plan go. */
export type Destination = { readonly registries: readonly string[]; readonly namespace: string };

export function readDestination(
  names: NameInputs,
  context: RunContext,
): { readonly destination: Destination; readonly problems: readonly Problem[] } {
  const namespace = names.namespace ?? context.owner.toLowerCase();
  const destination = { registries: names.registries, namespace };
  if (namespace === '' || isRepositoryPath(namespace)) return { destination, problems: [] };
  const corrected = namespace.split('/').map(correctName).filter(Boolean).join('/');
  const what = `the namespace is not valid in an image reference: ${namespace} (corrected: ${corrected})`;
  return { destination, problems: [problem('INPUT_INVALID', what, `Set \`namespace\` to ${corrected}.`)] };
}

/** One repository for each registry, the required one first; those that cannot be spelled are left out. */
export function repositoriesOf(destination: Destination, name: string): readonly Repository[] {
  const path = destination.namespace === '' ? name : `${destination.namespace}/${name}`;
  return destination.registries.flatMap((registry) => repositoryOf(registry, path) ?? []);
}

/** The name of the one image that has none of its own. `image` is what stood in place of the prefix's star. */
export function defaultName(
  inputs: Inputs,
  context: RunContext,
  facts: Facts,
  image: string | undefined,
): NameSource {
  if (inputs.names.image !== undefined) return { name: inputs.names.image, from: 'the input image' };
  if (image !== undefined) return { name: image, from: 'the git tag' };
  const manifest = inputs.version.manifest === 'false' ? undefined : facts.manifest;
  if (manifest?.name !== undefined) {
    return { name: manifest.name, from: `name of ${manifest.path}`, at: { file: manifest.path } };
  }
  const folder = folderOf(inputs.version.tagPrefix);
  if (folder !== undefined) return { name: folder, from: 'the input tag-prefix' };
  // GitHub keeps the case that people typed; a registry knows lower case only.
  const repository = context.repository.slice(context.repository.indexOf('/') + 1).toLowerCase();
  return { name: repository, from: 'the repository' };
}

/** `api` of `services/api/v`; the prefix and not the tag decides, so that branches have the same name. */
function folderOf(prefix: string): string | undefined {
  const folder = prefix.split('/').at(-2);
  return folder === undefined || folder === '' || folder.includes('*') ? undefined : folder;
}

/** Names are one path component: they are also keys in outputs and file names. */
export function checkName({ name, from, at }: NameSource): readonly Problem[] {
  if (isRepositoryPath(name) && !name.includes('/') && name.length <= 128) return [];
  const corrected = correctName(name) || 'image';
  const what = `the image name from ${from} is not valid: ${name} (corrected: ${corrected})`;
  const hint = name.includes('/')
    ? `Use ${corrected}, and put the folders before it into \`namespace\`.`
    : `Use ${corrected}, or set \`image\`.`;
  return [{ ...problem('INPUT_INVALID', what, hint), ...(at === undefined ? {} : { at }) }];
}

/** The nearest valid path component; empty when nothing is left. */
export function correctName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/[._-]{2,}/g, (run) => (/^(?:__|-+)$/.test(run) ? run : '-'))
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 128)
    .replace(/[._-]+$/, '');
}
