import type { Descriptor } from '../../model/descriptor.ts';
import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';

/** `PATH`, `PATH:TAG`, or `PATH@sha256:…`: the path is the longest beginning that exists. */
export async function splitSelector(
  text: string,
  { files }: Pick<Ports, 'files'>,
): Promise<{ readonly path: string; readonly selector?: string }> {
  if (await files.exists(text)) return { path: text };
  const ends = [...text.matchAll(/[:@]/g)].map(({ index }) => index).reverse();
  for (const end of ends) {
    const path = text.slice(0, end);
    if (path !== '' && (await files.exists(path))) return { path, selector: text.slice(end + 1) };
  }
  throw new ReleaseError('SOURCE_INVALID', `there is no such file or folder: ${text}`);
}

/** The names that tools give to the images of a layout. */
const NAMES = [
  'org.opencontainers.image.ref.name',
  'io.containerd.image.name',
  'containerd.io/distribution.source',
];

/** The one image of an index.json, or the one selected by tag, whole name or digest. */
export function selectImage(
  manifests: readonly Descriptor[],
  selector: string | undefined,
  where: string,
): Descriptor {
  const fitting = selector === undefined ? manifests : manifests.filter((each) => fits(each, selector));
  // One image under two tags is one image.
  const distinct = [...new Map(fitting.map((each) => [each.digest, each])).values()];
  const [first, ...others] = distinct;
  if (first !== undefined && others.length === 0) return first;
  const choices = manifests.map((each) => namesOf(each)[0] ?? each.digest).join(', ') || 'none';
  const what =
    selector === undefined ? 'it holds several images or none' : `it holds no single image ${selector}`;
  throw new ReleaseError('SOURCE_INVALID', `${where} cannot be used: ${what}; it has ${choices}`, {
    hint: 'Name one image as PATH:TAG or PATH@sha256:…',
  });
}

function fits(descriptor: Descriptor, selector: string): boolean {
  if (descriptor.digest === selector) return true;
  return namesOf(descriptor).some((name) => name === selector || name.endsWith(`:${selector}`));
}

function namesOf(descriptor: Descriptor): readonly string[] {
  return NAMES.flatMap((key) => descriptor.annotations?.[key] ?? []);
}
