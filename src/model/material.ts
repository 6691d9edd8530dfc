/**
 * Something that a build was made from: a base image, a frontend, a download, a Git commit. In form of
 * https://github.com/in-toto/attestation/blob/main/spec/v1/resource_descriptor.md
 */
export type Material = {
  readonly uri: string;
  /** Algorithm → hex digits: `sha256`, `sha1`, `gitCommit`. https://github.com/in-toto/attestation/blob/main/spec/v1/digest_set.md */
  readonly digest: Readonly<Record<string, string>>;
};

const LONGEST = 2048;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0020\u007f-\u00a0\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const SCP = /^[\w.+-]+@([\w.-]+):(?!\/\/)([^#?\s]+)(#[^\s]*)?$/;
const SCHEMES = new Set(['http:', 'https:', 'git:', 'ssh:', 'git+https:', 'git+http:', 'git+ssh:']);
/** A Git ref, and a folder after a colon. */
const FRAGMENT = /^#[\w./:@+-]{1,256}$/;
const QUALIFIERS = new Set(['digest', 'platform', 'repository_url', 'tag', 'arch']);

/**
 * The address as it may be published: without user, password and query, where a token would be (BuildKit takes out the
 * user alone). Undefined for what is no address for others: a local folder, a session of the builder.
 */
export function publicUri(text: string): string | undefined {
  if (text.length > LONGEST || UNPRINTABLE.test(text)) return undefined;
  if (text.startsWith('pkg:')) return publicPurl(text);
  const scp = SCP.exec(text);
  if (scp !== null) return `ssh://${scp[1]}/${scp[2]}${fragmentOf(scp[3] ?? '')}`;
  const url = URL.parse(text);
  if (url === null || !SCHEMES.has(url.protocol)) return undefined;
  return `${url.protocol}//${url.host}${url.pathname}${fragmentOf(url.hash)}`;
}

/** https://github.com/package-url/purl-spec */
function publicPurl(text: string): string | undefined {
  const [name = '', query = ''] = text.replace(/#.*$/, '').split('?');
  if (!/^pkg:[a-z][a-z0-9.+-]*\/[^@?#]+(?:@[^@?#]+)?$/i.test(name)) return undefined;
  const kept = query.split('&').filter((part) => QUALIFIERS.has(part.split('=')[0] ?? ''));
  return kept.length === 0 ? name : `${name}?${kept.join('&')}`;
}

function fragmentOf(hash: string): string {
  return FRAGMENT.test(hash) ? hash : '';
}
