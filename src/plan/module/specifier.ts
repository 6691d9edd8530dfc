import { parsePep440 } from '../pep440.ts';

/** `>=1.2`: https://packaging.python.org/en/latest/specifications/version-specifiers/ */
export type Specifier = { readonly operator: string; readonly version: string };

const SPECIFIER = /^(===|==|~=|!=|<=|>=|<|>)\s*(\S*)$/;

/** Undefined when one of them is none; none at all is fine. */
export function readSpecifiers(text: string): readonly Specifier[] | undefined {
  if (text.trim() === '') return [];
  const read = text.split(',').map((part) => readSpecifier(part.trim()));
  const good = read.filter((specifier) => specifier !== undefined);
  return good.length === read.length ? good : undefined;
}

function readSpecifier(text: string): Specifier | undefined {
  const [, operator, version] = SPECIFIER.exec(text) ?? [];
  if (operator === undefined || version === undefined) return undefined;
  if (operator === '===') return { operator, version };
  const isPrefix = version.endsWith('.*');
  const key = keyOf(isPrefix ? version.slice(0, -2) : version);
  if (key === undefined) return undefined;
  const isExact = operator === '==' || operator === '!=';
  const isFit =
    (!isPrefix || (isExact && isFinal(key))) &&
    (key.local === '' || isExact) &&
    (operator !== '~=' || key.release.length > 1);
  return isFit ? { operator, version } : undefined;
}

/** Whether a version satisfies a specifier; prereleases are versions like any other. */
export function allows({ operator, version: wanted }: Specifier, version: string): boolean {
  if (operator === '===') return wanted.toLowerCase() === version.toLowerCase();
  const has = keyOf(version);
  const limit = keyOf(wanted.replace(/\.\*$/, ''));
  if (has === undefined || limit === undefined) return false;
  const plain = { ...has, local: '' };
  switch (operator) {
    case '==':
      return isEqual(has, limit, wanted);
    case '!=':
      return !isEqual(has, limit, wanted);
    case '<=':
      return compare(plain, limit) <= 0;
    case '>=':
      return compare(plain, limit) >= 0;
    case '<':
      return compare(has, limit) < 0 && !isEarly(has, limit);
    case '>':
      return compare(plain, limit) > 0 && !isLate(has, limit);
    case '~=':
      return compare(plain, limit) >= 0 && startsWith(has, { ...limit, release: limit.release.slice(0, -1) });
    default:
      return false;
  }
}

type Key = {
  readonly epoch: number;
  readonly release: readonly number[];
  /** `a`, `b`, `rc` with its number. */
  readonly pre?: readonly [string, number];
  readonly post?: number;
  readonly dev?: number;
  readonly local: string;
};

const NORMAL = /^(?:(\d+)!)?(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?(?:\.post(\d+))?(?:\.dev(\d+))?(?:\+(.+))?$/;

function keyOf(version: string): Key | undefined {
  const [, epoch, release, pre, preNumber, post, dev, local] =
    NORMAL.exec(parsePep440(version)?.normal ?? '') ?? [];
  if (release === undefined) return undefined;
  return {
    epoch: Number(epoch ?? 0),
    release: release.split('.').map(Number),
    ...(pre === undefined ? {} : { pre: [pre, Number(preNumber)] }),
    ...(post === undefined ? {} : { post: Number(post) }),
    ...(dev === undefined ? {} : { dev: Number(dev) }),
    local: local ?? '',
  };
}

function isEqual(has: Key, limit: Key, wanted: string): boolean {
  if (wanted.endsWith('.*')) return startsWith(has, limit);
  return compare(limit.local === '' ? { ...has, local: '' } : has, limit) === 0;
}

function startsWith(has: Key, prefix: Key): boolean {
  return (
    has.epoch === prefix.epoch && prefix.release.every((part, index) => (has.release[index] ?? 0) === part)
  );
}

/** `<1.0` does not mean the prereleases of 1.0, `<1.0.post1` not those of the post release. */
function isEarly(has: Key, limit: Key): boolean {
  if (isPre(limit) || !isPre(has) || !sameRelease(has, limit)) return false;
  return limit.post === undefined || (has.pre === undefined && has.post === limit.post);
}

/** `>1.0` does not mean the post releases of 1.0. */
function isLate(has: Key, limit: Key): boolean {
  if (limit.post !== undefined || has.post === undefined) return false;
  const { epoch, release, pre, local } = has;
  return compare({ epoch, release, ...(pre === undefined ? {} : { pre }), local }, { ...limit, local }) === 0;
}

function isFinal({ pre, post, dev, local }: Key): boolean {
  return pre === undefined && post === undefined && dev === undefined && local === '';
}

function isPre({ pre, dev }: Key): boolean {
  return pre !== undefined || dev !== undefined;
}

function sameRelease(left: Key, right: Key): boolean {
  return left.epoch === right.epoch && compareLists(left.release, right.release) === 0;
}

/** dev before a, b, rc, before the release itself, before post. */
function compare(left: Key, right: Key): number {
  return (
    left.epoch - right.epoch ||
    compareLists(left.release, right.release) ||
    compareLists(phase(left), phase(right)) ||
    (left.local < right.local ? -1 : left.local > right.local ? 1 : 0)
  );
}

function phase({ pre, post, dev }: Key): readonly number[] {
  const letter =
    pre === undefined
      ? post === undefined && dev !== undefined
        ? 0
        : 4
      : 1 + ['a', 'b', 'rc'].indexOf(pre[0]);
  return [letter, pre?.[1] ?? 0, post ?? -1, dev ?? Infinity];
}

function compareLists(left: readonly number[], right: readonly number[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [a, b] = [left[index] ?? 0, right[index] ?? 0];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
