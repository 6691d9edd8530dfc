/** What a 401 asks for. https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service?: string;
      /** Space-separated scopes that the refused request would have needed. */
      readonly scope?: string;
      readonly error?: string;
    };

/** A token; with `=` and a value it is a parameter, without it is the name of a scheme. */
const PART = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/gy;

/** The one challenge that we answer: Bearer before Basic; undefined when there is neither. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges = split(header ?? '').map(({ scheme, parameters }) => toChallenge(scheme, parameters));
  return challenges.find((c) => c?.scheme === 'bearer') ?? challenges.find((c) => c?.scheme === 'basic');
}

type Split = { readonly scheme: string; readonly parameters: Map<string, string> };

function split(header: string): readonly Split[] {
  const found: Split[] = [];
  for (const [, name = '', quoted, bare] of header.matchAll(PART)) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
    if (value === undefined) found.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else found.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  return found;
}

function toChallenge(scheme: string, parameters: Map<string, string>): Challenge | undefined {
  if (scheme === 'basic') return { scheme };
  const realm = parameters.get('realm');
  if (scheme !== 'bearer' || realm === undefined) return undefined;
  const [service, scope, error] = ['service', 'scope', 'error'].map((name) => parameters.get(name));
  return {
    scheme,
    realm,
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
    ...(error === undefined ? {} : { error }),
  };
}

/** Ours, and what the registry asked for beyond it: behind some proxies a repository has another name in its scope. */
export function mergeScopes(ours: readonly string[], asked: string | undefined): readonly string[] {
  const extra = (asked ?? '')
    .split(' ')
    .filter((scope) => scope !== '' && !ours.some((o) => covers(o, scope)));
  return [...ours, ...extra];
}

/** `repository:a/b:pull,push` covers `repository:a/b:pull`. */
export function covers(wide: string, narrow: string): boolean {
  const [a, b] = [wide, narrow].map((scope) => {
    const colon = scope.lastIndexOf(':');
    return { name: scope.slice(0, colon), actions: scope.slice(colon + 1).split(',') };
  });
  return (
    a !== undefined && b !== undefined && a.name === b.name && b.actions.every((x) => a.actions.includes(x))
  );
}
