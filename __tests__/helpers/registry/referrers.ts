import { MEDIA } from '../../../src/model/manifest.ts';
import type { Exchange } from './exchange.ts';
import type { Store } from './store.ts';

/** `page`: entries on one page; default: all. */
export type ReferrersApi = { readonly page?: number; readonly filters?: boolean };

type Place = { readonly store: Store; readonly name: string };

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers */
export function serveReferrers(
  exchange: Exchange,
  { store, name }: Place,
  subject: string,
  { page = Number.POSITIVE_INFINITY, filters = true }: ReferrersApi,
): Promise<void> {
  const { searchParams: query, pathname } = exchange.url;
  const wanted = filters ? query.get('artifactType') : null;
  const all = [...(store.find(name)?.manifests ?? [])]
    .filter(([, manifest]) => manifest.subject === subject)
    .map(([digest, { bytes, mediaType }]) => {
      const { artifactType, config, annotations } = JSON.parse(bytes.toString());
      const type = artifactType ?? config?.mediaType;
      return { mediaType, digest, size: bytes.length, artifactType: type, annotations };
    })
    .filter(({ artifactType }) => wanted === null || artifactType === wanted);
  const start = Number(query.get('start') ?? 0);
  const end = start + page;
  query.set('start', String(end));
  const headers = {
    'content-type': MEDIA.ociIndex,
    ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    ...(end < all.length ? { link: `<${pathname}?${query}>; rel="next"` } : {}),
  };
  const manifests = all.slice(start, end);
  return exchange.json(200, { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests }, headers);
}
