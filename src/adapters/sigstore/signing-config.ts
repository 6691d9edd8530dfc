import * as z from 'zod/mini';
import { ReleaseError } from '../../model/errors.ts';
import { type Services, serviceUrl } from './services.ts';

const WHERE = 'input `sigstore-signing-config`';
const MEDIA_TYPE = 'application/vnd.dev.sigstore.signingconfig.v0.2+json';
const LARGEST = 256 * 1024;

const time = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) return date;
    context.issues.push({ code: 'custom', message: 'a time', input: text });
    return z.NEVER;
  }),
);

const service = z.object({
  url: z.string(),
  majorApiVersion: z.int(),
  validFor: z.optional(z.object({ start: z.optional(time), end: z.optional(time) })),
  operator: z.optional(z.string()),
});
const services = z.optional(z.array(service).check(z.maxLength(100)));
const selector = z.optional(
  z.object({ selector: z.enum(['ALL', 'ANY', 'EXACT']), count: z.optional(z.int()) }),
);

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto, message SigningConfig */
const document = z.object({
  mediaType: z.literal(MEDIA_TYPE),
  caUrls: services,
  rekorTlogUrls: services,
  rekorTlogConfig: selector,
  tsaUrls: services,
  tsaConfig: selector,
});

type Service = z.infer<typeof service>;
type Selector = z.infer<typeof selector>;

/**
 * The services that a signing config names for now. Its OpenID providers are not used: the token is the runner's. Throws
 * INPUT_INVALID for what is no signing config, or does not name as many services as it demands.
 */
export function parseSigningConfig(text: string, now: Date): Services {
  if (text.length > LARGEST) throw refusal(`it is larger than ${LARGEST} bytes`);
  const config = read(text);
  // "MUST select only one Service", whatever the operators.
  const [fulcio] = select(config.caUrls, [1], { selector: 'ANY' }, now, 'caUrls');
  const logs = select(config.rekorTlogUrls, [1, 2], config.rekorTlogConfig, now, 'rekorTlogUrls');
  const authorities = select(config.tsaUrls, [1], config.tsaConfig, now, 'tsaUrls');
  return {
    ...(fulcio === undefined ? {} : { fulcio: serviceUrl(fulcio.url, WHERE) }),
    logs: logs.map(({ url, majorApiVersion }) => ({
      url: serviceUrl(url, WHERE),
      version: majorApiVersion === 2 ? 2 : 1,
    })),
    authorities: authorities.map(({ url }) => wholeAddress(serviceUrl(url, WHERE))),
  };
}

function read(text: string): z.infer<typeof document> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refusal('it is no JSON');
  }
  const result = document.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.map(String).join('.') || 'the document';
  throw refusal(`${place} is not as the format ${MEDIA_TYPE} has it`);
}

/** Valid now, of the newest API version that we speak, the newest first, one of each operator; then as the selector says. */
function select(
  listed: readonly Service[] | undefined,
  versions: readonly number[],
  config: Selector,
  now: Date,
  name: string,
): readonly Service[] {
  if (config === undefined) return [];
  const usable = (listed ?? []).filter(
    ({ majorApiVersion, validFor }) =>
      versions.includes(majorApiVersion) &&
      (validFor?.start === undefined || validFor.start <= now) &&
      (validFor?.end === undefined || validFor.end >= now),
  );
  const newest = Math.max(...usable.map(({ majorApiVersion }) => majorApiVersion));
  const candidates = usable
    .filter(({ majorApiVersion }) => majorApiVersion === newest)
    .sort((a, b) => startOf(b) - startOf(a));
  const operators = candidates.map(({ operator }) => operator ?? '');
  const distinct = candidates.filter((_, index) => operators.indexOf(operators[index] ?? '') === index);
  if (config.selector === 'EXACT') {
    const count = config.count ?? 0;
    if (count < 1 || distinct.length < count)
      throw refusal(
        `${name} has ${distinct.length} usable services of distinct operators, and ${count} are demanded`,
      );
    return distinct.slice(0, count);
  }
  if (distinct.length === 0 && listed !== undefined && listed.length > 0)
    throw refusal(
      `${name} names no service that is valid now and speaks an API version of ours (${versions})`,
    );
  return config.selector === 'ANY' ? distinct.slice(0, 1) : distinct;
}

function startOf({ validFor }: Service): number {
  return validFor?.start?.getTime() ?? 0;
}

/** The format demands whole addresses; a bare host is understood as its other readers understand it. */
function wholeAddress(url: URL): URL {
  return url.pathname === '/' ? new URL('/api/v1/timestamp', url) : url;
}

function refusal(what: string): ReleaseError {
  return new ReleaseError('INPUT_INVALID', `${WHERE}: ${what}`, {
    hint: 'Give the signing config of your Sigstore instance, as `cosign signing-config create` writes it.',
  });
}
