import { join } from 'node:path';
import { digestOf } from '../../src/model/digest.ts';
import { ReleaseError } from '../../src/model/errors.ts';
import type { Artifacts, StoredArtifact } from '../../src/ports/artifacts.ts';
import type { MemoryFiles } from './memory-files.ts';

export type FakeArtifacts = Artifacts & {
  /** Artifact → path below its folder → text. What a test puts in is there for the run; it may tamper with it too. */
  readonly content: Map<string, Map<string, string>>;
  /** From now on the service does not answer; undefined = it does again. */
  fail(message: string | undefined): void;
};

/** The artifacts of one run, in memory; `files` is the disk of the job. Several jobs share the `content` of the first. */
export function fakeArtifacts(files: MemoryFiles, shared?: FakeArtifacts): FakeArtifacts {
  const content = shared?.content ?? new Map<string, Map<string, string>>();
  let failure: string | undefined;
  const check = (): void => {
    if (failure !== undefined) throw new ReleaseError('ARTIFACT_UNAVAILABLE', failure);
  };
  const stored = (name: string): StoredArtifact => {
    const text = JSON.stringify([...(content.get(name) ?? [])]);
    return { name, id: [...content.keys()].indexOf(name) + 1, size: text.length, digest: digestOf(text) };
  };
  return {
    available: true,
    content,
    fail(message) {
      failure = message;
    },
    async upload(name, folder) {
      check();
      const paths = [...files.tree.keys()].filter((path) => path.startsWith(`${folder}/`));
      if (paths.length === 0) throw new ReleaseError('INTERNAL', `nothing is to be uploaded: ${folder}`);
      content.set(name, new Map(paths.map((path) => [path.slice(folder.length + 1), files.text(path)])));
      return stored(name);
    },
    async list(prefix) {
      check();
      return [...content.keys()]
        .filter((name) => name.startsWith(prefix))
        .sort()
        .map(stored);
    },
    async download({ name }, folder) {
      check();
      const held = content.get(name);
      if (held === undefined) throw new ReleaseError('ARTIFACT_UNAVAILABLE', `no such artifact: ${name}`);
      for (const [path, text] of held) await files.write(join(folder, path), text);
    },
  };
}
