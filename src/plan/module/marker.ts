/** https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers */
const VARIABLES = new Set(
  `python_version python_full_version os_name sys_platform platform_release platform_system platform_version
   platform_machine platform_python_implementation implementation_name implementation_version extra extras
   dependency_groups`.split(/\s+/),
);

/** Names of old, which still count. */
const OLD_NAMES: Readonly<Record<string, string>> = {
  'os.name': 'os_name',
  'sys.platform': 'sys_platform',
  'platform.version': 'platform_version',
  'platform.machine': 'platform_machine',
  'platform.python_implementation': 'platform_python_implementation',
  python_implementation: 'platform_python_implementation',
};

const TOKEN = /\s*(?:("[^"]*"|'[^']*')|(===|==|~=|!=|<=|>=|<|>)|([()])|([a-z_.]+))/gy;

/** A marker in one spelling; undefined when the text is none. */
export function readMarker(text: string): string | undefined {
  const tokens = tokensOf(text.trim());
  if (tokens === undefined) return undefined;
  const left = [...tokens];
  return isExpression(left) && left.length === 0 ? tokens.join(' ') : undefined;
}

function tokensOf(text: string): readonly string[] | undefined {
  const matches = [...text.matchAll(TOKEN)];
  if (matches.map(([token]) => token).join('').length < text.length) return undefined;
  return matches.map(([, string, operator, bracket, word = '']) =>
    string !== undefined ? `"${string.slice(1, -1)}"` : (operator ?? bracket ?? OLD_NAMES[word] ?? word),
  );
}

/** Takes one expression off the front. */
function isExpression(tokens: string[]): boolean {
  if (!isTerm(tokens)) return false;
  while (tokens[0] === 'and' || tokens[0] === 'or') {
    tokens.shift();
    if (!isTerm(tokens)) return false;
  }
  return true;
}

function isTerm(tokens: string[]): boolean {
  if (tokens[0] === '(') {
    tokens.shift();
    return isExpression(tokens) && tokens.shift() === ')';
  }
  return isValue(tokens.shift()) && isOperator(tokens) && isValue(tokens.shift());
}

function isValue(token: string | undefined): boolean {
  return token !== undefined && (token.startsWith('"') || VARIABLES.has(token));
}

function isOperator(tokens: string[]): boolean {
  const operator = tokens.shift() ?? '';
  if (operator === 'not') return tokens.shift() === 'in';
  return operator === 'in' || /^[=~!<>]/.test(operator);
}
