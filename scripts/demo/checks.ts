import { styleText } from 'node:util';
import type { RunningRegistry } from '../../__tests__/helpers/registry/registry.ts';

/** What was promised on the screen, and whether it happened. */
export class Checks {
  readonly #results: { readonly promise: string; readonly kept: boolean; readonly seen: string }[] = [];

  /** `seen` tells what happened instead. */
  expect(promise: string, kept: boolean, seen: string): void {
    this.#results.push({ promise, kept, seen });
    const mark = kept ? styleText('green', '✓') : styleText('red', '✗');
    console.log(`  ${mark} ${promise}${kept ? '' : ` Instead: ${seen}`}`);
  }

  get broken(): readonly string[] {
    return this.#results.filter(({ kept }) => !kept).map(({ promise }) => promise);
  }

  get kept(): number {
    return this.#results.length - this.broken.length;
  }
}

/** Remembers how a registry stands, to tell later what came since. */
export function watch(registry: RunningRegistry) {
  const from = registry.requests.length;
  const before = content(registry);
  return {
    /** Requests since then that write, as `METHOD path`. Asking whether one may push opens an empty session: no write. */
    writes: (): readonly string[] =>
      registry.requests
        .slice(from)
        .filter(
          ({ method, path, bodyBytes }) =>
            method === 'PUT' ||
            method === 'PATCH' ||
            (method === 'POST' && (bodyBytes > 0 || /[?&]mount=/.test(path))),
        )
        .map(({ method, path }) => `${method} ${path}`),
    isUnchanged: (): boolean => content(registry) === before,
  };
}

/** Everything that the registry holds; a repository without anything in it is none. */
function content(registry: RunningRegistry): string {
  const repositories = Object.entries(registry.catalogue()).filter(
    ([, { tags, manifests, blobs }]) => manifests.length + blobs.length + Object.keys(tags).length > 0,
  );
  return JSON.stringify(repositories);
}
