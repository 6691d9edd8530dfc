import { basename, join } from 'node:path';
import { hexOf } from '../model/digest.ts';
import { ReleaseError } from '../model/errors.ts';
import type { ImageInspection } from '../model/scan.ts';
import { BUNDLE_LIMIT } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import { byproductsOf, parseRecord, type ReleaseRecord } from '../steps/attest/run.ts';
import { claimedSubjects, requireProof, type VerifyRequest, verifyImages } from '../steps/verify/run.ts';
import type { Signing } from './signing.ts';

const LARGEST_RECORD = 64 * 1024 * 1024;

/** The release record of the run that built. Throws INPUT_INVALID when it cannot be read. */
export async function readRecord(path: string, { files }: Pick<Ports, 'files'>): Promise<ReleaseRecord> {
  const size = await files.size(path);
  if (size === undefined) throw wrong(path, 'there is no such file');
  if (size > LARGEST_RECORD) throw wrong(path, `it is too large (${size} bytes)`);
  const record = parseRecord(await files.readText(path));
  if ('fault' in record) throw wrong(path, record.fault);
  return record;
}

function wrong(path: string, fault: string): ReleaseError {
  return new ReleaseError('INPUT_INVALID', `input \`record\`: ${fault}: ${path}`, {
    hint: 'Give the path of the release.json that the run wrote which built the images.',
  });
}

export const RERUN_RELEASE =
  'Re-run the release: what carries no provenance of this commit is built again, compared, and signed.';

/**
 * The record is a claim. What it names must carry the provenance of this repository, workflow, ref and commit, for the index
 * and every platform, at every registry or in a bundle beside it: the statement that the run which built has signed. (By key, without an identity,
 * the key's signature is that statement.) Gives the digests of the report files that it names as byproducts.
 */
export async function proveRecord(
  images: ReleaseRecord['images'],
  { identity, claims, verifier }: Signing,
  stored: NonNullable<VerifyRequest['stored']>,
  ports: Pick<Ports, 'log' | 'registry'>,
): Promise<ReadonlySet<string>> {
  const judge = await verifier();
  const requests = images.flatMap(({ name, refs }) =>
    refs.map(
      (reference): VerifyRequest => ({
        image: name,
        reference,
        verifier: judge,
        stored,
        policy: {
          require: [claims === undefined ? 'signature' : 'provenance'],
          identity,
          members: 'each',
          ...(claims === undefined ? {} : { commit: claims.sha }),
        },
      }),
    ),
  );
  const { report, decisions } = await verifyImages(requests, ports);
  try {
    requireProof(report);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    const what = `nothing proves that this workflow has built the images of the record: ${error.message}`;
    throw new ReleaseError('VERIFY_FAILED', what, { hint: RERUN_RELEASE });
  }
  return new Set(
    decisions.flatMap(({ taken }) => taken.flatMap(({ statement }) => byproductsOf(statement.predicate))),
  );
}

const BUNDLE_FILE = '.sigstore.json';
const MOST_BUNDLES = 5000;
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * The bundles that lie beside a record: what the run which built has signed and could not store. They are judged like those of
 * a registry; a file that is no bundle is about nothing.
 */
export async function bundlesBeside(
  folder: string,
  { files }: Pick<Ports, 'files'>,
): Promise<NonNullable<VerifyRequest['stored']>> {
  const names = (await files.list(folder)).filter((name) => name.endsWith(BUNDLE_FILE)).sort();
  const bundles: {
    readonly source: string;
    readonly bytes: Uint8Array;
    readonly about: readonly string[];
  }[] = [];
  let left = MOST_BYTES;
  for (const name of names.slice(0, MOST_BUNDLES)) {
    const path = join(folder, name);
    const size = (await files.size(path)) ?? 0;
    left -= size;
    if (size > BUNDLE_LIMIT || left < 0) continue;
    const bytes = await files.read(path);
    bundles.push({ source: name, bytes, about: claimedSubjects(bytes) });
  }
  return async (subject) => bundles.filter(({ about }) => about.includes(hexOf(subject)));
}

/** The SBOM files of the run that built, where they lie beside its record and the provenance names these very bytes. */
export async function withRecordedFiles(
  inspections: readonly ImageInspection[],
  known: ReadonlySet<string>,
  { folder }: { readonly folder?: string },
  { files, log }: Pick<Ports, 'files' | 'log'>,
): Promise<readonly ImageInspection[]> {
  if (folder === undefined || known.size === 0) return inspections;
  const recorded = async (path: string): Promise<string> => {
    const there = join(folder, basename(path));
    if (!(await files.exists(there)) || !known.has(await files.hash(there))) return path;
    log.info(`${basename(path)} is that of the run that built: its provenance names it.`);
    return there;
  };
  return Promise.all(
    inspections.map(async ({ image, platforms }) => ({
      image,
      platforms: await Promise.all(
        platforms.map(async (platform) => ({
          ...platform,
          reports: await Promise.all(
            platform.reports.map(async (report) =>
              report.kind === 'cyclonedx' || report.kind === 'spdx'
                ? { ...report, path: await recorded(report.path) }
                : report,
            ),
          ),
        })),
      ),
    })),
  );
}
