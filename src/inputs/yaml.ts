import type * as Yaml from 'yaml';

/** YAML as data; `lineOf` gives the 1-based line of a key path, or of the nearest key above it. */
export type ParsedYaml =
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly lineOf: (path: readonly string[]) => number | undefined;
    }
  | { readonly ok: false; readonly message: string; readonly line?: number };

export type ReadYaml = (text: string) => ParsedYaml;

/**
 * Reads YAML 1.2 (core schema) by the library `yaml`, which the caller loads only when there is something to read: it
 * costs as much start-up time as everything else together.
 */
export function yamlReader(
  yaml: Pick<typeof Yaml, 'parseDocument' | 'LineCounter' | 'isMap' | 'isScalar'>,
): ReadYaml {
  return (text) => {
    const lineCounter = new yaml.LineCounter();
    try {
      const document = yaml.parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
      const error = document.errors[0];
      if (error !== undefined) {
        return { ok: false, message: error.message, line: lineCounter.linePos(error.pos[0]).line };
      }
      const lineOf = (path: readonly string[]): number | undefined => {
        let node: unknown = document.contents;
        let line: number | undefined;
        for (const key of path) {
          if (!yaml.isMap(node)) return line;
          const pair = node.items.find((item) => yaml.isScalar(item.key) && String(item.key.value) === key);
          if (pair === undefined) return line;
          if (yaml.isScalar(pair.key) && pair.key.range) line = lineCounter.linePos(pair.key.range[0]).line;
          node = pair.value;
        }
        return line;
      };
      return { ok: true, value: document.toJS({ maxAliasCount: 100 }), lineOf };
    } catch (error) {
      // An alias bomb (ReferenceError), or nesting deeper than the stack (RangeError).
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  };
}
