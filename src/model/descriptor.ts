import type { Digest } from './digest.ts';

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md (platform) */
export type Platform = {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
};

/** The only pointer we pass. https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** `linux/arm64`, `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

const PART = /^[a-z0-9]+$/;

/** Undefined when the text has not the form os/architecture[/variant]. `linux/arm64/v8` is `linux/arm64`. */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = text.split('/');
  if (os === undefined || architecture === undefined || rest.length > 0) return undefined;
  if (![os, architecture, variant ?? 'v0'].every((part) => PART.test(part))) return undefined;
  if (variant === undefined || (architecture === 'arm64' && variant === 'v8')) return { os, architecture };
  return { os, architecture, variant };
}

export function samePlatform(a: Platform, b: Platform): boolean {
  return formatPlatform(normalizePlatform(a)) === formatPlatform(normalizePlatform(b));
}

function normalizePlatform(platform: Platform): Platform {
  const { os, architecture, variant } = platform;
  if (variant === undefined || (architecture === 'arm64' && variant === 'v8')) return { os, architecture };
  return { os, architecture, variant };
}

/** For file names: `linux-arm64`, `linux-arm-v7`. */
export function platformSlug(platform: Platform): string {
  return formatPlatform(platform).replaceAll('/', '-');
}
