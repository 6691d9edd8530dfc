import type { Json, JsonObject } from '../../../model/json.ts';
import type { PublishRequest } from '../../../model/publish.ts';
import { formatReference, formatRepository, isDigestRef } from '../../../model/reference.ts';

/** Grows by new fields; docs/publish.md lists them. At most ten at the top, as `repository_dispatch` wants it. */
export function payloadOf(request: PublishRequest, delivery: string): JsonObject {
  const { name, version, image, scope, org, source } = request;
  return {
    delivery,
    module: name,
    version,
    image: {
      repository: formatRepository(image.repository),
      ref: formatReference(image),
      digest: isDigestRef(image) ? image.digest : null,
    },
    scope,
    org: org ?? null,
    source: { repository: source.repository, revision: source.revision, run: source.run },
  };
}

/** With the whole manifest, for those who take more than a few fields. */
export function withManifest(payload: JsonObject, manifest: Json): JsonObject {
  return { ...payload, manifest };
}
