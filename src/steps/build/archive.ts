import { ReleaseError } from '../../model/errors.ts';
import type { Ports } from '../../ports/index.ts';

/** A tar file of a stranger. Only members that are asked for by name are unpacked, and only plain files are taken. */
export type Archive = {
  has(name: string): boolean;
  /** Unpacks the members that are there and not yet unpacked. */
  extract(names: readonly string[]): Promise<void>;
  /** Where a member lies once it is unpacked. */
  path(name: string): string;
};

type ArchivePorts = Pick<Ports, 'exec' | 'files'>;

/** Members may be called `./index.json` as well as `index.json`. */
export async function openArchive(file: string, folder: string, ports: ArchivePorts): Promise<Archive> {
  const { stdout } = await tar(['--list', '--file', file], file, ports);
  const members = new Map(
    stdout
      .split('\n')
      .filter((name) => name !== '' && !name.endsWith('/'))
      .map((name) => [name.replace(/^(?:\.\/)+/, ''), name]),
  );
  const root = await ports.files.realPath(folder);
  const path = (name: string) => `${root}/${name}`;
  const unpacked = new Set<string>();

  const extract = async (names: readonly string[]): Promise<void> => {
    const wanted = [...new Set(names)].filter((name) => members.has(name) && !unpacked.has(name));
    if (wanted.length === 0) return;
    for (const name of wanted) checkName(file, name);
    const actual = wanted.map((name) => members.get(name) ?? name);
    const options = ['--no-same-owner', '--no-same-permissions'];
    await tar(['--extract', '--file', file, '--directory', root, ...options, '--', ...actual], file, ports);
    for (const name of wanted) {
      // A link in the archive may point anywhere: what it leads to is never read.
      const real = await ports.files.realPath(path(name)).catch(() => undefined);
      if (real !== path(name) || (await ports.files.isFolder(real)))
        throw new ReleaseError(
          'SOURCE_INVALID',
          `${file} holds a link or a folder where a file must be: ${name}`,
        );
      unpacked.add(name);
    }
  };
  return { has: (name) => members.has(name), extract, path };
}

function checkName(file: string, name: string): void {
  if (name.startsWith('/') || name.split('/').includes('..'))
    throw new ReleaseError('SOURCE_INVALID', `${file} names a file outside of itself: ${name}`);
}

async function tar(args: readonly string[], file: string, { exec }: ArchivePorts) {
  const result = await exec.run({ file: 'tar', args, environment: 'minimal' });
  if (result.exitCode === 0) return result;
  throw new ReleaseError('SOURCE_INVALID', `${file} cannot be read as a tar archive`, {
    cause: new Error(result.stderr.trim()),
  });
}
