import { type Digest, parseDigest } from './digest.ts';

/**
 * A repository: registry host (with port) and path, no tag. Docker Hub is always `docker.io` with `library/` for official
 * names, so that two spellings are one value. https://github.com/distribution/reference
 */
export type Repository = { readonly registry: string; readonly path: string };
export type TagRef = { readonly repository: Repository; readonly tag: string };
export type DigestRef = { readonly repository: Repository; readonly digest: Digest };
export type Reference = TagRef | DigestRef;

const HOST =
  /^(?:\[[0-9a-fA-F:]+\]|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)(?::\d{1,5})?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DOCKER_HUB = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
]);

/** A name in DNS has at most 253 characters, and a port may follow. */
export function isRegistryHost(text: string): boolean {
  return text.length <= 259 && HOST.test(text);
}

export function isRepositoryPath(text: string): boolean {
  return text.length <= 255 && PATH.test(text);
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Undefined when host or path are not valid. */
export function repositoryOf(registry: string, path: string): Repository | undefined {
  if (!isRegistryHost(registry) || !isRepositoryPath(path)) return undefined;
  const host = registry.toLowerCase();
  if (!DOCKER_HUB.has(host)) return { registry: host, path };
  return { registry: 'docker.io', path: path.includes('/') ? path : `library/${path}` };
}

/** `host/path:tag`, `host/path@sha256:…`, also with both (the digest wins) and without a host (Docker Hub). */
export function parseReference(text: string): Reference | undefined {
  const at = text.indexOf('@');
  const digest = at >= 0 ? parseDigest(text.slice(at + 1)) : undefined;
  if (at >= 0 && digest === undefined) return undefined;
  const name = at >= 0 ? text.slice(0, at) : text;
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  const tag = colon >= 0 ? name.slice(colon + 1) : undefined;
  const repository = parseRepository(colon >= 0 ? name.slice(0, colon) : name);
  if (repository === undefined || (tag !== undefined && !isTag(tag))) return undefined;
  return digest === undefined ? { repository, tag: tag ?? 'latest' } : { repository, digest };
}

/** `host/path` or a Docker Hub name. */
export function parseRepository(text: string): Repository | undefined {
  const slash = text.indexOf('/');
  const head = slash >= 0 ? text.slice(0, slash) : '';
  const hasHost = head === 'localhost' || head.includes('.') || head.includes(':');
  return hasHost ? repositoryOf(head, text.slice(slash + 1)) : repositoryOf('docker.io', text);
}

export function isDigestRef(ref: Reference): ref is DigestRef {
  return 'digest' in ref;
}

export function formatRepository(repository: Repository): string {
  return `${repository.registry}/${repository.path}`;
}

export function formatReference(ref: Reference): string {
  const name = formatRepository(ref.repository);
  return isDigestRef(ref) ? `${name}@${ref.digest}` : `${name}:${ref.tag}`;
}

export function sameRepository(a: Repository, b: Repository): boolean {
  return a.registry === b.registry && a.path === b.path;
}

/** Loopback registries are spoken to over http, all others over https. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, '').toLowerCase();
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
