/** A version of Python's packaging, normalised. https://peps.python.org/pep-0440/#normalization */
export type PythonVersion = {
  /** `1.2.3rc1`, `1.0.post1`, with epoch and local part. */
  readonly normal: string;
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** A final release: no pre, post or dev part. */
  readonly isFinal: boolean;
};

const PEP440 =
  /^\s*v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)(?:[-_.]?(?<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<preNumber>\d*))?(?:-(?<implicitPost>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d*))?(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d*))?(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i;

const PRE: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

/** Undefined when the text is no version by PEP 440. */
export function parsePep440(text: string): PythonVersion | undefined {
  const groups = text.length > 200 ? undefined : PEP440.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const release = (groups.release ?? '').split('.').map(number);
  const pre = groups.pre?.toLowerCase();
  const hasPost = groups.post !== undefined || groups.implicitPost !== undefined;
  const hasDev = groups.dev !== undefined;
  const parts = [
    groups.epoch === undefined || number(groups.epoch) === '0' ? '' : `${number(groups.epoch)}!`,
    release.join('.'),
    pre === undefined ? '' : `${PRE[pre] ?? pre}${number(groups.preNumber)}`,
    hasPost ? `.post${number(groups.implicitPost ?? groups.postNumber)}` : '',
    hasDev ? `.dev${number(groups.devNumber)}` : '',
    groups.local === undefined ? '' : `+${groups.local.toLowerCase().replace(/[-_]/g, '.')}`,
  ];
  const [major = '0', minor = '0', patch = '0'] = release;
  return { normal: parts.join(''), major, minor, patch, isFinal: pre === undefined && !hasPost && !hasDev };
}

/** Without leading zeros; an absent number is 0. */
function number(digits: string | undefined): string {
  return (digits ?? '').replace(/^0+/, '') || '0';
}
