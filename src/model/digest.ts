declare const brand: unique symbol;

/** `sha256:` and 64 lower-case hex digits. https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests */
export type Digest = string & { readonly [brand]: 'Digest' };

const DIGEST = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: string): text is Digest {
  return DIGEST.test(text);
}

/** The digest, or undefined when the text is none (also for other algorithms: registries answer sha256 today). */
export function parseDigest(text: string): Digest | undefined {
  return isDigest(text) ? text : undefined;
}

export function digestOf(bytes: Uint8Array | string): Digest {
  // Taken here, not imported: loading node:crypto costs 5 ms, and the first input error must come without it.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return digestFromHex(createHash('sha256').update(bytes).digest('hex'));
}

/** From 64 hex digits; throws a RangeError on anything else. */
export function digestFromHex(hex: string): Digest {
  const digest = `sha256:${hex}`;
  if (!isDigest(digest)) throw new RangeError(`not a sha256 in hex: ${hex}`);
  return digest;
}

/** The 64 hex digits without the prefix. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** `sha256:0123456789ab`, for people. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 'sha256:'.length + 12);
}
