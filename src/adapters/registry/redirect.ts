import { isLoopback } from '../../model/reference.ts';
import { drain, type HttpRequest, type HttpResponse, type Send } from './http.ts';

const MOST_HOPS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** `url`: where the answer came from in the end. */
export type Followed = HttpResponse & { readonly url: URL };

/** An address that a registry names and that must not be used. The message names hosts only. */
export class AddressError extends Error {}

/**
 * Where a Location leads. A same-host http address behind an https one is the mark of a proxy that ends TLS: it stays on
 * https. To any other plain http address an https one never leads, except on loopback.
 */
export function resolveLocation(location: string, from: URL): URL {
  let to: URL;
  try {
    to = new URL(location, from);
  } catch {
    throw new AddressError(`${from.host} answered with a Location that is no URL`);
  }
  if (to.protocol !== 'https:' && to.protocol !== 'http:')
    throw new AddressError(`${from.host} redirects to ${to.protocol}, which is neither https nor http`);
  to.username = '';
  to.password = '';
  to.hash = '';
  if (from.protocol === 'https:' && to.protocol === 'http:' && !isLoopback(to.host)) {
    if (to.host !== from.host)
      throw new AddressError(`${from.host} redirects from https to plain http at ${to.host}`);
    to.protocol = 'https:';
  }
  return to;
}

/**
 * Follows redirects. `Authorization` goes only to the origin it was made for. 303 (and 301, 302 for anything that is no
 * read) is not an answer that the distribution spec knows for writes, so only 307 and 308 carry a write further.
 */
export async function sendFollowing(send: Send, request: HttpRequest): Promise<Followed> {
  let current = request;
  for (let hop = 0; ; hop += 1) {
    const response = await send(current);
    const { location } = response.headers;
    const followed = { ...response, url: current.url };
    if (!REDIRECTS.has(response.status) || location === undefined) return followed;
    const isRead = current.method === 'GET' || current.method === 'HEAD';
    if (!isRead && response.status !== 307 && response.status !== 308) return followed;
    await drain(response.stream);
    if (hop === MOST_HOPS)
      throw new AddressError(`more than ${MOST_HOPS} redirects from ${request.url.host}`);
    const url = resolveLocation(location, current.url);
    current = { ...current, url, headers: headersFor(current.headers, current.url, url) };
  }
}

function headersFor(headers: HttpRequest['headers'], from: URL, to: URL): HttpRequest['headers'] {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
}
