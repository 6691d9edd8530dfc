import * as z from 'zod/mini';
import type { Digest } from '../../model/digest.ts';
import { ReleaseError } from '../../model/errors.ts';
import { isLoopback } from '../../model/reference.ts';
import type { Http, HttpOutcome } from '../../ports/http.ts';
import { readJson, wordsOf } from './answer.ts';
import { headersOf, repositoryUrl } from './request.ts';
import { unpackSnappy } from './snappy.ts';

export type StoreOptions = {
  readonly token: string;
  readonly apiUrl: string;
  /** `https://github.com`: where people look. */
  readonly serverUrl: string;
  readonly http: Http;
};

/** GitHub takes bundles of up to 16 MB; a page holds several. */
const PAGE_BYTES = 64 * 1024 * 1024;
const BUNDLE_BYTES = 32 * 1024 * 1024;
const MOST_PAGES = 20;

/** https://docs.github.com/en/rest/repos/attestations#create-an-attestation */
const created = z.object({ id: z.union([z.number(), z.string().check(z.regex(/^[\w-]{1,100}$/))]) });

/** https://docs.github.com/en/rest/repos/attestations#list-attestations; large bundles may be named by an address only. */
const listed = z.object({
  attestations: z.array(z.object({ bundle: z.nullish(z.unknown()), bundle_url: z.nullish(z.string()) })),
});

/** What makes a bundle this very one: its payload and the signature over it. https://github.com/secure-systems-lab/dsse */
const envelope = z.object({
  dsseEnvelope: z.object({ payload: z.string(), signatures: z.array(z.object({ sig: z.string() })) }),
});

type Envelope = z.infer<typeof envelope>['dsseEnvelope'];

/** Stores a bundle; returns its address for people. */
export async function storeAttestation(
  { token, apiUrl, serverUrl, http }: StoreOptions,
  repository: string,
  bundle: Uint8Array,
): Promise<string> {
  const body = `{"bundle":${new TextDecoder('utf-8', { fatal: true }).decode(bundle)}}`;
  const url = endpoint(apiUrl, repository);
  const headers = { ...headersOf(token), 'content-type': 'application/json' };
  const outcome = await http.exchange(async () => ({ method: 'POST', url, headers, body }));
  if (outcome.kind !== 'answer' || (outcome.status !== 200 && outcome.status !== 201))
    throw refused(outcome, repository);
  const parsed = created.safeParse(readJson(outcome.body));
  if (!parsed.success)
    throw new ReleaseError('GITHUB_REFUSED', `GitHub names no attestation that it stored: ${repository}`);
  return `${serverUrl.replace(/\/+$/, '')}/${repository}/attestations/${parsed.data.id}`;
}

/** Whether the store gives back this bundle for the subject. */
export async function hasAttestation(
  options: StoreOptions,
  repository: string,
  subject: Digest,
  bundle: Uint8Array,
): Promise<boolean> {
  const own = envelopeOf(readJson(bundle));
  if (own === undefined) throw new ReleaseError('INTERNAL', `a bundle without an envelope for ${subject}`);
  for await (const value of storedBundles(options, repository, subject)) {
    const found = envelopeOf(value);
    if (found !== undefined && sameEnvelope(found, own)) return true;
  }
  return false;
}

/** Anybody who may write attestations can add more. */
const MOST_BUNDLES = 100;

/** The bundles that the store has for the subject, the youngest first, as bytes. Nothing of them is believed yet. */
export async function readAttestations(
  options: StoreOptions,
  repository: string,
  subject: Digest,
): Promise<readonly Uint8Array[]> {
  const bundles: Uint8Array[] = [];
  for await (const value of storedBundles(options, repository, subject)) {
    if (value !== undefined) bundles.push(new TextEncoder().encode(JSON.stringify(value)));
    if (bundles.length >= MOST_BUNDLES) break;
  }
  return bundles;
}

/** Page after page; undefined for one that cannot be read. */
async function* storedBundles(
  { token, apiUrl, http }: StoreOptions,
  repository: string,
  subject: Digest,
): AsyncGenerator<unknown> {
  const headers = headersOf(token);
  let url: URL | undefined = new URL(`${endpoint(apiUrl, repository)}/${subject}?per_page=30`);
  for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
    const at: URL = url;
    const outcome = await http.exchange(async () => ({ method: 'GET', url: at, headers }), {
      limit: PAGE_BYTES,
    });
    if (outcome.kind === 'answer' && outcome.status === 404) return;
    if (outcome.kind !== 'answer' || outcome.status !== 200) throw refused(outcome, repository);
    const parsed = listed.safeParse(readJson(outcome.body));
    for (const entry of parsed.success ? parsed.data.attestations : [])
      yield entry.bundle ?? (await fetchBundle(http, entry.bundle_url ?? undefined));
    url = nextPage(outcome.headers.link, at);
  }
}

/** It lies with a storage service, packed, under an address that needs no token and must not get ours. */
async function fetchBundle(http: Http, address: string | undefined): Promise<unknown> {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol !== 'https:' && !isLoopback(url.host)) return undefined;
  const request = async () => ({ method: 'GET' as const, url, headers: {} });
  const outcome = await http.exchange(request, { limit: BUNDLE_BYTES });
  if (outcome.kind !== 'answer' || outcome.status !== 200) return undefined;
  return readJson(unpackSnappy(outcome.body, BUNDLE_BYTES) ?? outcome.body);
}

function endpoint(apiUrl: string, repository: string): URL {
  return new URL(`${repositoryUrl(apiUrl, repository)}/attestations`);
}

function nextPage(link: string | undefined, from: URL): URL | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1];
  if (target === undefined || !URL.canParse(target, from.href)) return undefined;
  const next = new URL(target, from);
  return next.origin === from.origin ? next : undefined;
}

function envelopeOf(value: unknown): Envelope | undefined {
  const parsed = envelope.safeParse(value);
  return parsed.success ? parsed.data.dsseEnvelope : undefined;
}

function sameEnvelope(a: Envelope, b: Envelope): boolean {
  return a.payload === b.payload && a.signatures[0]?.sig === b.signatures[0]?.sig;
}

const PLAN =
  'The attestation store is there for public repositories, and for private ones on GitHub Enterprise Cloud only: else set `attest-store` to `registry` or `file`.';

function refused(outcome: HttpOutcome, repository: string): ReleaseError {
  const what = `GitHub's attestation store of ${repository}`;
  if (outcome.kind !== 'answer') {
    const reason = outcome.kind === 'failure' ? outcome.reason : 'no answer in time';
    return new ReleaseError('GITHUB_REFUSED', `${what} cannot be reached: ${reason}`, { hint: LATER });
  }
  const { status, body } = outcome;
  const said = wordsOf(body);
  const hint = hintOf(status, said);
  const message = `${what} answers ${said === '' ? status : `${status} ${said}`}`;
  return new ReleaseError('GITHUB_REFUSED', message, hint === undefined ? {} : { hint });
}

const LATER = 'Re-run the job later: it continues where this one stopped.';

function hintOf(status: number, said: string): string | undefined {
  if (/feature not available/i.test(said)) return PLAN;
  if (/rate limit/i.test(said)) return LATER;
  switch (status) {
    case 401:
      return 'Check `github-token`: GitHub does not accept it.';
    case 403:
      return `Add \`permissions: attestations: write\` to the job. ${PLAN}`;
    case 404:
    case 422:
      return `${PLAN} The job needs \`permissions: attestations: write\` too.`;
    case 413:
      return 'The bundle is too large for GitHub: set `attest-store` to `registry` or `file`.';
    default:
      return status === 429 || status >= 500 ? LATER : undefined;
  }
}
