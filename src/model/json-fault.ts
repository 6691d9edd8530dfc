/** Where text stops being JSON: the offset, what should stand there, and what does. */
export type Fault = { readonly offset: number; readonly wanted: string; readonly found: string };

/** Strings, marks, and everything else up to the next of them. */
export const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^ \t\n\r{}[\],:"]+|"/g;

/**
 * The first place that breaks the grammar; undefined when there is none. The reader of the engine tells the place of some
 * faults only, and shows a part of the text in its place.
 */
export function findFault(text: string): Fault | undefined {
  const open: string[] = [];
  let wanted = 'a value';
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const found = token.length > 20 ? `${token.slice(0, 20).toWellFormed()}…` : token;
    if (!fits(token, wanted)) return { offset: index, wanted, found };
    if (token === '{' || token === '[') open.push(token);
    if (token === '}' || token === ']') open.pop();
    wanted = after(token, wanted, open);
  }
  return wanted === NOTHING
    ? undefined
    : { offset: text.trimEnd().length, wanted, found: 'the end of the file' };
}

const NOTHING = 'nothing more';

function fits(token: string, wanted: string): boolean {
  switch (wanted) {
    case 'a value':
    case 'a value or ]':
      return '{['.includes(token) || isScalar(token) || (wanted.endsWith(']') && token === ']');
    case 'a name in quotes':
    case 'a name in quotes or }':
      return (token.startsWith('"') && isScalar(token)) || (wanted.endsWith('}') && token === '}');
    case 'a comma or }':
      return token === ',' || token === '}';
    case 'a comma or ]':
      return token === ',' || token === ']';
    default:
      return token === wanted;
  }
}

function after(token: string, wanted: string, open: readonly string[]): string {
  const inside = open.at(-1);
  if (token === '{') return 'a name in quotes or }';
  if (token === '[') return 'a value or ]';
  if (token === ',') return inside === '{' ? 'a name in quotes' : 'a value';
  if (token === ':') return 'a value';
  if (wanted.startsWith('a name') && token !== '}') return ':';
  return inside === undefined ? NOTHING : inside === '{' ? 'a comma or }' : 'a comma or ]';
}

/** A string, a number or a word, by the engine's own reader. */
function isScalar(token: string): boolean {
  if ('{}[],:'.includes(token)) return false;
  try {
    JSON.parse(token);
    return true;
  } catch {
    return false;
  }
}
