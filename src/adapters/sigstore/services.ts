import { ReleaseError } from '../../model/errors.ts';
import { isLoopback } from '../../model/reference.ts';

/** The services that one run signs with. Base addresses, but those of the timestamp authorities, which are whole. */
export type Services = {
  /** Absent: nothing can be signed without a key. */
  readonly fulcio?: URL;
  readonly logs: readonly LogService[];
  readonly authorities: readonly URL[];
};

/** `version`: the major one of Rekor's API. */
export type LogService = { readonly url: URL; readonly version: 1 | 2 };

/**
 * The instances that everybody can use. GitHub's own has no log, so that nothing about private repositories gets public;
 * its timestamps prove the time. https://docs.github.com/en/actions/concepts/security/artifact-attestations
 */
export const INSTANCES = {
  'public-good': {
    fulcio: new URL('https://fulcio.sigstore.dev'),
    logs: [{ url: new URL('https://rekor.sigstore.dev'), version: 1 }],
    authorities: [],
  },
  github: {
    fulcio: new URL('https://fulcio.githubapp.com'),
    logs: [],
    authorities: [new URL('https://timestamp.githubapp.com/api/v1/timestamp')],
  },
} as const satisfies Record<string, Services>;

/** The address of an endpoint below a base address, whether or not that ends with a slash. */
export function below(base: URL, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url;
}

/** An address that tokens and statements may be sent to: https, or http on loopback. Throws INPUT_INVALID. */
export function serviceUrl(text: string, where: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url !== undefined &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host))) &&
    url.username === '' &&
    url.password === '';
  if (isSafe) return url;
  throw new ReleaseError(
    'INPUT_INVALID',
    `${where}: it names an address that is not https, or holds credentials: ${url?.host ?? 'no URL'}`,
  );
}
