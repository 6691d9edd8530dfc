import type { WrittenConfig } from './config.ts';
import type { Door } from './door.ts';
import { type InputName, inputSpec } from './names.ts';
import { show } from './text.ts';

const ONE_IMAGE: readonly InputName[] = ['context', 'file', 'target'];
const BESIDE_BAKE: readonly InputName[] = [
  ...ONE_IMAGE,
  'build-args',
  'build-contexts',
  'module-base-image',
  'from',
  'image',
];
const BESIDE_IMAGES: readonly InputName[] = [...ONE_IMAGE, 'from', 'image'];
const BESIDE_FROM: readonly InputName[] = [
  ...ONE_IMAGE,
  'platforms',
  'build-args',
  'build-contexts',
  'module-base-image',
  'secrets',
  'secret-files',
  'ssh',
  'cache-from',
  'cache-to',
  'no-cache',
  'pull',
  'network',
];

/** Inputs that contradict each other. Looks only at what is given, so that one wrong value makes one problem. */
export function checkTogether(door: Door, config: WrittenConfig): void {
  const refuse = (names: readonly InputName[], reason: string) => {
    for (const name of names) door.refuse(name, `${shown(door, name)}${reason}`);
  };
  const bake = door.written.get('bake-file');
  const { images, bakeNames } = config;
  if (bake !== undefined) {
    refuse(BESIDE_BAKE, `cannot stand beside ${bake.where}: the bake file says it`);
    door.refuseAt(images?.written, `it cannot stand beside ${bake.where}, which declares the images`);
  } else {
    refuse(['bake-targets'], 'has no meaning without `bake-file`');
    door.refuseAt(bakeNames, 'it has no meaning without `bake.file`');
    if (images !== undefined)
      refuse(BESIDE_IMAGES, 'cannot stand beside config `images`: each image says it there');
    else if (door.given('from'))
      refuse(BESIDE_FROM, 'has no meaning beside `from`: that image is not built here');
  }
  if (/^true$/i.test(String(door.written.get('offline')?.value))) {
    refuse(['tools-mirror'], 'cannot be used with `offline`');
  }
}

function shown(door: Door, name: InputName): string {
  return inputSpec(name).secret ? 'it ' : `${show(door.written.get(name)?.value)} `;
}
