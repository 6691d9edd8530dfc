import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import type { TrustMaterial } from '@sigstore/verify';
import { ReleaseError, toReleaseError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { TrustSpec } from '../../ports/sigstore.ts';
import { githubTufRoot } from './github-tuf-root.ts';
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts';

/** What a bundle must carry to be believed, as the library counts it. */
export type Thresholds = {
  readonly tlogThreshold: number;
  readonly ctlogThreshold: number;
  readonly timestampThreshold: number;
};

export type Trust =
  | { readonly kind: 'keyless'; readonly material: TrustMaterial; readonly thresholds: Thresholds }
  | { readonly kind: 'key'; readonly material: TrustMaterial; readonly thresholds: Thresholds };

export type TufOptions = {
  /** Where the TUF metadata is kept between runs: absolute. */
  readonly cacheFolder: string;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log?: Pick<Log, 'info'>;
  /** In place of the instances' own repositories; for tests. */
  readonly mirror?: { readonly url: string; readonly root: string };
  /** Milliseconds to wait before each further attempt. */
  readonly delays?: readonly number[];
};

const MIRRORS = {
  'public-good': 'https://tuf-repo-cdn.sigstore.dev',
  github: 'https://tuf-repo.github.com',
} as const;

/** With the library's own retries about two minutes in all. */
const DELAYS = [2000, 5000, 15_000, 30_000];
const ANSWER_MS = 10_000;
/** The public-good root has 7 kB. */
const LARGEST_ROOT = 1024 * 1024;

/** Everything that bundles are judged by. Throws SIGSTORE_UNAVAILABLE, and INPUT_INVALID for what the user gave. */
export async function readTrust(spec: TrustSpec, options: TufOptions): Promise<Trust> {
  if (spec.kind === 'key') return keyTrust(spec.publicKey);
  const root =
    spec.instance === 'private'
      ? await readRoot(spec.trustedRoot)
      : spec.hasty === true
        ? await fetchOnce(spec.instance, options)
        : await fetchRoot(spec.instance, options);
  const { toTrustMaterial } = await import('@sigstore/verify');
  try {
    return {
      kind: 'keyless',
      material: toTrustMaterial(root),
      thresholds: thresholdsOf(spec.instance, root),
    };
  } catch (error) {
    throw new ReleaseError(
      'INPUT_INVALID',
      'the trusted root holds a certificate or key that cannot be read',
      {
        hint: 'Give the trusted root of the instance as cosign takes it with --trusted-root.',
        cause: error,
      },
    );
  }
}

/**
 * What the instance promises, every bundle must have. GitHub's own has neither a log of signatures nor one of
 * certificates, only timestamps. https://docs.github.com/actions/concepts/security/artifact-attestations
 */
function thresholdsOf(instance: 'public-good' | 'github' | 'private', root: TrustedRoot): Thresholds {
  if (instance === 'github') return { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1 };
  if (instance === 'public-good') return { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };
  return {
    tlogThreshold: root.tlogs.length > 0 ? 1 : 0,
    ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0,
    timestampThreshold: 1,
  };
}

/** Whether a trusted root (its text) demands an entry in a log, and whose time it believes. Throws INPUT_INVALID. */
export async function demandsOf(
  trustedRoot: string,
): Promise<{ readonly log: boolean; readonly timeOf: readonly ('log' | 'authority')[] }> {
  const root = await readRoot(trustedRoot);
  const log = thresholdsOf('private', root).tlogThreshold > 0;
  return {
    log,
    timeOf: [
      ...(log ? (['log'] as const) : []),
      ...(root.timestampAuthorities.length > 0 ? (['authority'] as const) : []),
    ],
  };
}

/** A key vouches by itself: there is no root that a log entry or timestamp could be checked against. */
function keyTrust(pem: string): Trust {
  const publicKey = readPublicKey(pem);
  const material: TrustMaterial = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey, validFor: () => true }),
  };
  return {
    kind: 'key',
    material,
    thresholds: { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 },
  };
}

function readPublicKey(pem: string): KeyObject {
  if (/-----BEGIN PUBLIC KEY-----/.test(pem)) {
    try {
      return createPublicKey({ key: pem, format: 'pem' });
    } catch {
      // Told below.
    }
  }
  throw new ReleaseError(
    'INPUT_INVALID',
    'the public key is no PEM of the form `-----BEGIN PUBLIC KEY-----`',
    {
      hint: 'Give the public key as `cosign public-key` prints it.',
    },
  );
}

async function readRoot(text: string): Promise<TrustedRoot> {
  const { TrustedRoot } = await import('@sigstore/protobuf-specs');
  try {
    if (text.length > LARGEST_ROOT) throw new RangeError(`${text.length} characters`);
    const json: unknown = JSON.parse(text);
    const root = TrustedRoot.fromJSON(json);
    if (
      !/^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/.test(
        root.mediaType,
      )
    )
      throw new TypeError(`its mediaType is ${JSON.stringify(root.mediaType).slice(0, 100)}`);
    if (root.certificateAuthorities.length === 0) throw new TypeError('it names no certificate authority');
    return root;
  } catch (error) {
    throw new ReleaseError('INPUT_INVALID', 'the file given as trusted root is none', {
      hint: 'Give the trusted root of the instance as cosign takes it with --trusted-root.',
      cause: error,
    });
  }
}

const HASTY_MS = 5000;

/** A rollback does not wait: an older root does as well for what was signed before. */
async function fetchOnce(instance: 'public-good' | 'github', options: TufOptions): Promise<TrustedRoot> {
  try {
    return await fetchRoot(instance, { ...options, delays: [] }, { retries: 0, timeout: HASTY_MS });
  } catch (error) {
    if (instance === 'github') throw error;
    options.log?.info(`${toReleaseError(error).message}: the one that this action carries is used.`);
    return readRoot(PUBLIC_GOOD_ROOT);
  }
}

async function fetchRoot(
  instance: 'public-good' | 'github',
  options: TufOptions,
  { retries, timeout } = { retries: 2, timeout: ANSWER_MS },
): Promise<TrustedRoot> {
  const { cacheFolder, clock, log, mirror } = options;
  const { getTrustedRoot } = await import('@sigstore/tuf');
  const mirrorURL = mirror?.url ?? MIRRORS[instance];
  const delays = options.delays ?? DELAYS;
  const seed = mirror?.root ?? (instance === 'github' ? githubTufRoot() : undefined);
  for (let attempt = 0; ; attempt += 1) {
    try {
      await mkdir(cacheFolder, { recursive: true });
      const rootPath = seed === undefined ? undefined : await writeSeed(cacheFolder, instance, seed);
      return await getTrustedRoot({
        mirrorURL,
        cachePath: cacheFolder,
        retry: { retries },
        timeout,
        ...(rootPath === undefined ? {} : { rootPath }),
      });
    } catch (error) {
      const delay = delays[attempt];
      if (delay === undefined)
        throw new ReleaseError('SIGSTORE_UNAVAILABLE', `the trusted root at ${mirrorURL} cannot be fetched`, {
          hint: 'Re-run the job; without access to that address give the root as a file: `sigstore-trusted-root`.',
          cause: error,
        });
      log?.info(`The trusted root at ${mirrorURL} cannot be fetched. Trying again in ${delay / 1000} s.`);
      await clock.sleep(delay);
    }
  }
}

/** The client copies it to its own place when it has nothing newer there. */
async function writeSeed(folder: string, instance: string, seed: string): Promise<string> {
  const path = join(folder, `${instance}-root.json`);
  await writeFile(path, seed);
  return path;
}
