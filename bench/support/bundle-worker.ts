import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from '../../__tests__/helpers/run-action.ts';

/** One script of `bench/support` as one bundle, made as `dist/` is, which is what users start. Answers its path. */
export function bundleWorker(worker: string, into: string): string {
  const work = mkdtempSync(join(ROOT, '.build-'));
  const bin = (name: string): string => join(ROOT, 'node_modules/.bin', name);
  try {
    const lib = join(work, 'lib');
    const config = {
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: { rootDir: ROOT, outDir: lib },
      include: [],
      files: [worker],
    };
    writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config));
    execFileSync(bin('tsc'), ['-p', join(work, 'tsconfig.json')], { stdio: 'inherit' });
    writeFileSync(join(lib, 'package.json'), '{}');
    const script = join(lib, relative(ROOT, worker).replace(/\.ts$/, '.js'));
    execFileSync(bin('ncc'), ['build', script, '--out', into, '--minify', '--quiet'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: work,
    });
    writeFileSync(join(into, 'package.json'), '{ "type": "commonjs" }\n');
    return join(into, 'index.js');
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
