/**
 * Bundles `src` into `dist`: tsc emits, ncc packs what is needed with its licences. `--out DIR` writes elsewhere, so that
 * the rules tests can compare a fresh bundle with the committed one.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { minifySync, parseSync } from '@swc/core';

const root = resolve(import.meta.dirname, '..');
const entries = [
  { module: 'index.js', folder: '.' },
  { module: 'post.js', folder: 'post' },
] as const;

const COMMON_JS = '{ "type": "commonjs" }\n';

function bin(name: string): string {
  return join(root, 'node_modules', '.bin', name);
}

/** ncc writes a bundle and a file of licences per entry. */
function build(out: string): void {
  const work = mkdtempSync(join(root, '.build-'));
  try {
    const lib = join(work, 'lib');
    execFileSync(bin('tsc'), ['-p', join(root, 'tsconfig.build.json'), '--outDir', lib], {
      stdio: 'inherit',
    });
    // Without a type ncc reads ES modules and makes CommonJS, which Node starts faster.
    writeFileSync(join(lib, 'package.json'), '{}');
    lightCore(lib);
    rmSync(out, { recursive: true, force: true });
    for (const { module, folder } of entries) {
      const target = join(out, folder);
      execFileSync(
        bin('ncc'),
        ['build', join(lib, module), '--out', target, '--license', 'licenses.txt', '--quiet'],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          // Names of chunks are made from paths relative to this folder, whose own name is another each time.
          cwd: work,
        },
      );
    }
    for (const file of scripts(out)) {
      repairRequire(file);
      dropSeeds(file);
      minify(file);
    }
    writeFileSync(join(out, 'package.json'), COMMON_JS);
    completeLicences(join(out, 'licenses.txt'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * What is not used of @actions/core stays out, and with it the HTTP client that only its identity tokens need: its package
 * does not say that importing it does nothing, so the copy that we import does. Other libraries have it whole.
 */
function lightCore(lib: string): void {
  const name = join('node_modules', '@actions', 'core');
  const [from, to] = [join(root, name), join(lib, name)];
  cpSync(from, to, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  writeFileSync(join(to, 'package.json'), JSON.stringify({ ...manifest, sideEffects: false }));
}

/**
 * ncc tells the licence of the folder whose package.json is nearest to a file. In a package that has more of them inside
 * (zod), that one has no name and is left out.
 */
function completeLicences(path: string): void {
  const told = readFileSync(path, 'utf8');
  const names = new Set(told.split('\n'));
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const missing = Object.keys(dependencies).filter((name) => !names.has(name));
  const texts = missing.map((name) => {
    const folder = join(root, 'node_modules', name);
    const { license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry)) ?? 'LICENSE';
    return [name, license, readFileSync(join(folder, file), 'utf8').trim(), ''].join('\n');
  });
  writeFileSync(path, [told.trimEnd(), '', ...texts].join('\n'));
}

/**
 * A module that makes `require` for itself by `createRequire(import.meta.url)` (Azure's crc64, which the cache needs) gets an
 * `import.meta.url` from ncc that asks the very variable that is still to be made.
 */
function repairRequire(path: string): void {
  const own = /\b\w+_require\("url"\)\.pathToFileURL\(\w+_filename\)/g;
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replaceAll(own, 'require("url").pathToFileURL(__filename)'));
}

/** @sigstore/tuf brings the keys of a package registry along, which no image is signed by. */
function dropSeeds(path: string): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replaceAll(/,"[\w.]+%2Fkeys\.json":"[A-Za-z0-9+/=]*"/g, ''));
}

/** ncc minifies the first file of a bundle only, and most of the start-up of a step is reading its chunk. */
function minify(path: string): void {
  const { code } = minifySync(readFileSync(path, 'utf8'), {
    compress: true,
    mangle: true,
    format: { comments: false, asciiOnly: true },
  });
  writeFileSync(path, compiledAtOnce(code));
}

/**
 * A function in parentheses is compiled when its file is read, another one is read over then and compiled when it is called.
 * Nearly every module of a chunk is called at once, so each would be read twice: webpack writes the parentheses, minifying
 * drops them. https://v8.dev/blog/preparser#pife
 */
function compiledAtOnce(code: string): string {
  const script = parseSync(code, { syntax: 'ecmascript', target: 'es2024', script: true });
  const places = moduleFunctions(script.body).flatMap(({ start, end }) => [start, end]);
  // Spans are bytes, counted on from one file to the next; the code is ASCII.
  const cuts = places.map((place) => place - script.span.start).sort((a, b) => a - b);
  return [0, ...cuts]
    .map((cut, i) => code.slice(cut, cuts[i]) + (i === cuts.length ? '' : '()'[i % 2]))
    .join('');
}

type Span = { readonly start: number; readonly end: number };
type SyntaxNode = {
  readonly type?: string;
  readonly span?: Span;
  readonly key?: SyntaxNode;
  readonly value?: unknown;
};

/** Where the values of `{ 12345: (module, exports, require) => … }` stand. */
function moduleFunctions(node: unknown): readonly Span[] {
  if (typeof node !== 'object' || node === null) return [];
  const { type, key, value }: SyntaxNode = node;
  if (type === 'KeyValueProperty' && key?.type === 'NumericLiteral') {
    const { type: kind, span }: SyntaxNode = Object(value);
    if (span !== undefined && /^(?:Arrow)?Function/.test(kind ?? '')) return [span];
  }
  return Object.values(node).flatMap(moduleFunctions);
}

function scripts(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map((entry) => join(entry.parentPath, entry.name));
}

const at = process.argv.indexOf('--out');
const given = at < 0 ? undefined : process.argv[at + 1];
const out = given === undefined ? join(root, 'dist') : resolve(given);
build(out);
const bytes = scripts(out).reduce((sum, path) => sum + statSync(path).size, 0);
console.log(
  `Bundled into ${out === join(root, 'dist') ? 'dist' : out}: ${(bytes / 1e6).toFixed(1)} MB of JavaScript.`,
);
