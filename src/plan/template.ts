/** Why something has no value, for a message: lower-case, without a full stop. */
export type Fault = { readonly fault: string };

/** Computes `{{name 'argument' key='value'}}`. */
export type Helper = (
  argument: string | undefined,
  options: Readonly<Record<string, string>>,
) => string | Fault;
export type Helpers = Readonly<Record<string, Helper>>;

const EXPRESSION = /\{\{\{?\s*([\s\S]*?)\s*\}?\}\}/g;
const TOKEN = /(?:([A-Za-z_]\w*)=)?(?:'([^']*)'|"([^"]*)"|([^\s'"=]+))(?=\s|$)/y;

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'fault' in value;
}

/**
 * Replaces the Handlebars expressions that docker/metadata-action knows. An expression without a helper is a fault, or
 * is left as written with `unknown: 'keep'` (labels may hold templates of other tools).
 * https://github.com/docker/metadata-action#global-expressions
 */
export function renderTemplate(
  text: string,
  helpers: Helpers,
  unknown: 'fault' | 'keep' = 'fault',
): string | Fault {
  let fault: Fault | undefined;
  const rendered = text.replace(EXPRESSION, (whole, inner: string) => {
    const value = renderExpression(inner, helpers);
    if (value === undefined && unknown === 'keep') return whole;
    const result = value ?? { fault: `unknown expression ${whole}; known are ${knownNames(helpers)}` };
    if (!isFault(result)) return result;
    fault ??= result;
    return '';
  });
  return fault ?? rendered;
}

/** Undefined when no helper has this name, or the expression has another form. */
function renderExpression(inner: string, helpers: Helpers): string | Fault | undefined {
  const name = /^[A-Za-z_]\w*(?=\s|$)/.exec(inner)?.[0];
  if (name === undefined || !Object.hasOwn(helpers, name)) return undefined;
  const words = readWords(inner.slice(name.length));
  if (words === undefined) return undefined;
  return helpers[name]?.(words.argument, words.options);
}

function readWords(
  text: string,
): { argument: string | undefined; options: Record<string, string> } | undefined {
  const options: Record<string, string> = {};
  let argument: string | undefined;
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1;
      continue;
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const value = match[2] ?? match[3] ?? match[4] ?? '';
    if (match[1] !== undefined) options[match[1]] = value;
    else argument ??= value;
    at = TOKEN.lastIndex;
  }
  return { argument, options };
}

function knownNames(helpers: Helpers): string {
  return Object.keys(helpers)
    .map((name) => `{{${name}}}`)
    .join(', ');
}
