/**
 * Whether a glob matches a whole path: `*` and `?` stay within a folder, `**` crosses folders, `{a,b}` and `[a-z]` choose.
 * The dialect of `.trivyignore.yaml` (github.com/bmatcuk/doublestar); a leading `/` or `./` does not count.
 */
export function matchesGlob(glob: string, path: string): boolean {
  return new RegExp(`^${toPattern(relative(glob))}$`, 's').test(relative(path));
}

/** Whether the text is a glob: its brackets and braces must close. */
export function isGlob(text: string): boolean {
  try {
    return text !== '' && matchesGlob(text, '') !== undefined;
  } catch {
    return false;
  }
}

/** A letter after a backslash would be a class of characters. */
function literal(character: string): string {
  return /\w/.test(character) ? character : `\\${character}`;
}

function relative(path: string): string {
  return path.replace(/^(?:\.?\/)+/, '');
}

function toPattern(glob: string): string {
  let depth = 0;
  return glob.replace(TOKEN, (token) => {
    if (token === '**/') return '(?:[^/]+/)*';
    if (token === '/**') return '(?:/.*)?';
    if (token === '**' && glob === '**') return '.*';
    if (token === '**' || token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token === '{') {
      depth += 1;
      return '(?:';
    }
    if (token === '}') {
      if (depth === 0) return '\\}';
      depth -= 1;
      return ')';
    }
    if (token === ',') return depth > 0 ? '|' : ',';
    if (token.startsWith('[')) return token.replace(/^\[[!^]/, '[^').replaceAll('\\', '\\\\');
    return literal(token.at(-1) ?? '');
  });
}

/** Longest first; `/**` only at the end of the glob or of an alternative, where it also stands for the folder itself. */
const TOKEN = /\*\*\/|\/\*\*(?=$|[,}])|\*\*|\*|\?|\[[!^]?[^\]/]+\]|[{},]|\\.|[.+^$()|[\]\\/]/gs;
