import { posix } from 'node:path';
import { parseSync } from '@swc/core';

/** One import of a file: static, dynamic, type or re-export. */
type Import = { readonly from: string; readonly typeOnly: boolean; readonly dynamic: boolean };

export type Source = {
  /** Relative to src, such as `steps/gate/run.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  readonly defaultExport: boolean;
  /** Uses of the world beyond the program: `process.env`, `Date.now`, `fetch`, … */
  readonly world: readonly string[];
};

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

const WORLD_GLOBALS = new Set([
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'console',
  'performance',
  'WebSocket',
]);
const PURE_BUILTINS = new Set(['node:path', 'node:path/posix', 'node:crypto', 'node:util', 'node:url']);

export function readSource(path: string, text: string): Source {
  const program = parseSync(text, { syntax: 'typescript', target: 'es2024' });
  const imports: Import[] = [];
  const world: string[] = [];
  let defaultExport = false;
  walk(program, (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration': {
        const from = isNode(node.source) ? node.source.value : undefined;
        if (typeof from === 'string') imports.push({ from, typeOnly: isTypeOnly(node), dynamic: false });
        if (exportsDefault(node)) defaultExport = true;
        break;
      }
      case 'TsImportType':
        imports.push({ from: textOf(node.argument), typeOnly: true, dynamic: false });
        break;
      case 'ExportDefaultDeclaration':
      case 'ExportDefaultExpression':
      case 'TsExportAssignment':
        defaultExport = true;
        break;
      case 'CallExpression':
      case 'NewExpression':
        readCall(node, imports, world);
        break;
      case 'MemberExpression': {
        const name = `${textOf(node.object)}.${textOf(node.property)}`;
        if (name === 'Date.now' || name === 'Math.random') world.push(name);
        if (name.startsWith('process.') && name !== 'process.getBuiltinModule') world.push(name);
        if (WORLD_GLOBALS.has(textOf(node.object))) world.push(name);
        break;
      }
    }
  });
  return { path, imports, defaultExport, world };
}

function readCall(node: Node, imports: Import[], world: string[]): void {
  const callee = isNode(node.callee) ? node.callee : undefined;
  const args = Array.isArray(node.arguments) ? node.arguments : [];
  const first = isNode(args[0]?.expression) ? textOf(args[0].expression) : '';
  if (callee?.type === 'Import') imports.push({ from: first, typeOnly: false, dynamic: true });
  if (callee?.type === 'MemberExpression' && textOf(callee.property) === 'getBuiltinModule') {
    imports.push({ from: first, typeOnly: false, dynamic: true });
  }
  if (callee?.type === 'Identifier' && WORLD_GLOBALS.has(textOf(callee))) world.push(`${textOf(callee)}()`);
  if (node.type === 'NewExpression' && textOf(callee) === 'Date' && args.length === 0)
    world.push('new Date()');
}

/** What is wrong with the tree: the import rule of docs/architecture.md, cycles, default exports, the world outside adapters. */
export function violations(sources: readonly Source[]): string[] {
  const known = new Set(sources.map((source) => source.path));
  return [
    ...sources.flatMap((source) => source.imports.flatMap((each) => importFault(source.path, each, known))),
    ...sources.filter((source) => source.defaultExport).map(({ path }) => `${path} has a default export`),
    ...sources
      .filter(({ path }) => !mayTouchTheWorld(path))
      .flatMap(({ path, world }) => world.map((use) => `${path} uses ${use}`)),
    ...cycles(sources),
  ];
}

function importFault(
  path: string,
  { from, typeOnly, dynamic }: Import,
  known: ReadonlySet<string>,
): string[] {
  if (from.startsWith('.')) {
    const target = posix.join(posix.dirname(path), from);
    if (!known.has(target)) return [`${path} imports ${from}, which is not in src`];
    return mayImport(path, target, typeOnly) ? [] : [`${path} may not import ${target}`];
  }
  if (from.startsWith('node:')) {
    return typeOnly || mayTouchTheWorld(path) || PURE_BUILTINS.has(from)
      ? []
      : [`${path} may not import ${from}`];
  }
  if (from === 'zod/mini' || typeOnly) return [];
  if (!mayTouchTheWorld(path)) return [`${path} may not import ${from}`];
  return dynamic ? [] : [`${path} imports ${from} statically: it would be loaded at every start`];
}

/** Only adapters, and the files that put everything together. */
function mayTouchTheWorld(path: string): boolean {
  return ['adapters', 'main'].includes(layerOf(path));
}

/** The first folder; a room of steps/ counts as a layer of its own; files beside the folders are `main`. */
function layerOf(path: string): string {
  const [first = '', second = '', third] = path.split('/');
  if (second === '') return 'main';
  return first === 'steps' && third !== undefined ? `steps/${second}` : first;
}

function mayImport(path: string, target: string, typeOnly: boolean): boolean {
  const [from, to] = [layerOf(path), layerOf(target)];
  if (from === 'main') return true;
  if (to === 'main') return false;
  if (from === to || to === 'model') return from !== 'adapters' || to === 'model' || sameFolder(path, target);
  switch (from) {
    case 'pipeline':
      return to === 'ports' || to === 'plan' || (to.startsWith('steps/') && target.endsWith('/run.ts'));
    case 'adapters':
      return to === 'ports';
    default:
      return from.startsWith('steps/') && to === 'ports' && typeOnly;
  }
}

/** One folder for one window: adapters do not lean on each other. */
function sameFolder(path: string, target: string): boolean {
  return path.split('/')[1] === target.split('/')[1];
}

function cycles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => posix.join(posix.dirname(path), from)),
    ]),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) found.push(`a cycle: ${[...way.slice(start), path].join(' → ')}`);
    if (start >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return found;
}

function isTypeOnly(node: Node): boolean {
  if (node.typeOnly === true) return true;
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers : [];
  return specifiers.length > 0 && specifiers.every((each) => isNode(each) && each.isTypeOnly === true);
}

function exportsDefault(node: Node): boolean {
  if (node.type !== 'ExportNamedDeclaration' || !Array.isArray(node.specifiers)) return false;
  return node.specifiers.some((each) => isNode(each) && textOf(each.exported ?? each.orig) === 'default');
}

function textOf(node: unknown): string {
  return isNode(node) && typeof node.value === 'string' ? node.value : '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit);
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) visit(value);
    for (const each of Object.values(value)) walk(each, visit);
  }
}
