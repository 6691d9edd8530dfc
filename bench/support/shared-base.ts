import { aRepository, type GitRepository } from '../../__tests__/helpers/git-repository.ts';
import { TAG } from './action.ts';
import { incompressible, text } from './made-up-files.ts';

const MB = 1_000_000;

/** A base of 49 MB and `count - 1` images of 4 MB on it; half of the bytes compress, as those of real images do. */
export function sharedBase(count: number): GitRepository {
  const names = namesOf(count).slice(1);
  const config = [
    'images:',
    '  base: { context: base }',
    ...names.map((name) => `  ${name}: { context: ${name}, contexts: { base: "target:base" } }`),
  ];
  return aRepository({
    files: {
      '.github/module-release.yml': `${config.join('\n')}\n`,
      'base/Dockerfile': 'FROM scratch\nCOPY files/ /\n',
      'base/files/opt/base.bin': incompressible('base', 24.5 * MB),
      'base/files/usr/lib/base.txt': text('base', 24.5 * MB),
      ...packages('base/files', 'base', 100),
      ...Object.fromEntries(
        names.flatMap((name) => [
          // What BASE says is replaced by the named context, where there is one.
          [`${name}/Dockerfile`, 'ARG BASE=base\nFROM $BASE\nCOPY files/ /srv/\n'],
          [`${name}/files/own.bin`, incompressible(name, 2 * MB)],
          [`${name}/files/own.txt`, text(name, 2 * MB)],
          ...Object.entries(packages(`${name}/files`, name, 30)),
        ]),
      ),
    },
    tags: [TAG],
  });
}

export function namesOf(count: number): readonly string[] {
  return ['base', ...Array.from({ length: count - 1 }, (_, i) => `service-${i + 1}`)];
}

function packages(folder: string, name: string, count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${folder}/node_modules/${name}-${i}/package.json`,
      JSON.stringify({ name: `${name}-${i}`, version: `1.${i}.0`, license: 'MIT' }),
    ]),
  );
}
