/** Builds the tools that are pinned in tools/FOLDER/go.mod into the cache. */
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachePath } from './cache.mjs';
import { logged } from './run.mjs';

const toolsFolder = fileURLToPath(new URL('../../tools', import.meta.url));

/** @param go the `go` entry of the tools table */
export async function buildWithGo(name, go) {
  const folder = join(toolsFolder, go.folder);
  const version = pinnedVersion(folder, go.package);
  console.error(`Building ${name} ${version} with Go (about ${go.minutes} min the first time).`);
  const target = cachePath('bin', name);
  const ldflags = `-s -w -X ${go.versionVariable}=${version}`;
  // Built beside its place and moved there, so that a build that is cut short leaves no half a program.
  await logged(`go-${name}`, 'go', ['build', '-ldflags', ldflags, '-o', `${target}.new`, go.package], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off', ...go.env },
  });
  renameSync(`${target}.new`, target);
}

/** The version of the module that holds the package, as go.mod requires it. */
function pinnedVersion(folder, goPackage) {
  const goMod = readFileSync(join(folder, 'go.mod'), 'utf8');
  const required = goMod.matchAll(/^(?:require)?\s+(\S+) v(\S+)$/gm);
  const module = [...required].find(([, path]) => goPackage === path || goPackage.startsWith(`${path}/`));
  return module[2];
}
