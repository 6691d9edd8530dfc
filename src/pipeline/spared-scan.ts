import { mapLimit } from '../model/concurrency.ts';
import type { Digest } from '../model/digest.ts';
import { ReleaseError } from '../model/errors.ts';
import type { BuiltImage } from '../model/image.ts';
import type { GateInputs } from '../model/inputs.ts';
import type { Plan, PlannedImage } from '../model/plan.ts';
import { type DigestRef, formatRepository } from '../model/reference.ts';
import type { AttestedScan, Finding, GatePolicy, ImageInspection } from '../model/scan.ts';
import type { Requirement } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import { decideSources } from '../steps/gate/run.ts';
import { attestedFindings, type KnownSbom } from '../steps/inspect/run.ts';
import { firstLacking, type RegistryState } from '../steps/preflight/run.ts';
import { type Decision, type Taken, timeOf, verifyImage } from '../steps/verify/run.ts';
import type { Signing } from './signing.ts';

/** What a proven statement says of every platform of an image. */
export type Spared = {
  readonly findings: ReadonlyMap<Digest, readonly Finding[]>;
  readonly sboms: ReadonlyMap<Digest, readonly KnownSbom[]>;
  readonly attested: AttestedScan;
};

const DAY_MS = 24 * 60 * 60 * 1000;
/** As far as clocks may differ. */
const SKEW_MS = 5 * 60 * 1000;
const IMAGES_AT_ONCE = 3;

type Question = {
  readonly gate: Pick<GateInputs, 'scanners' | 'skipDirs' | 'skipFiles' | 'sbom'>;
  readonly policy: GatePolicy;
  readonly signing: Signing;
};

/**
 * The adopted images that need no second scan, by name: at every registry of theirs all evidence of this repository, workflow
 * and commit is there, the scan of every platform was signed within the last 24 hours, and today's policy accepts what
 * it found. Nobody's clock but that of the log or the timestamp authority counts. What is not so is scanned again.
 */
export async function spareScans(
  plan: Plan,
  state: RegistryState,
  question: Question,
  ports: Ports,
): Promise<ReadonlyMap<string, Spared>> {
  const found = await mapLimit(plan.images, IMAGES_AT_ONCE, async (planned) => {
    const adoption = state.adoptions.get(planned.name);
    if (adoption?.do !== 'adopt') return [];
    const outcome = await judge(planned, adoption.from, question, ports);
    if (typeof outcome === 'string') {
      ports.log.info(`The image ${planned.name} is scanned again: ${outcome}.`);
      return [];
    }
    ports.log.info(
      `The image ${planned.name} is not scanned again: its verdict of ${outcome.attested.signedAt} is attested, and the policy of today accepts it.`,
    );
    return [[planned.name, outcome] as const];
  });
  return new Map(found.flat());
}

/** What is known, or why that does not do. */
async function judge(
  planned: PlannedImage,
  { digest }: DigestRef,
  question: Question,
  ports: Ports,
): Promise<Spared | string> {
  const decisions: Decision[] = [];
  for (const repository of planned.repositories) {
    const decision = await lookUp(planned.name, { repository, digest }, question, ports);
    if (decision === undefined) return 'its evidence is not whole at every registry';
    decisions.push(decision);
  }
  const now = ports.clock.now();
  let first: Spared | undefined;
  for (const decision of decisions) {
    const read = readScans(decision, question, now);
    if (typeof read === 'string') return read;
    first ??= read;
  }
  // Its layers are not pulled, so every registry must have them: who lacks some gets them with the pull for the scan.
  const lacking = await firstLacking(planned.repositories, digest, ports);
  if (lacking !== undefined) return `${formatRepository(lacking)} does not have all of its layers any more`;
  return first ?? 'it is at no registry';
}

async function lookUp(
  image: string,
  reference: DigestRef,
  { gate, signing: { identity, claims, verifier } }: Question,
  ports: Ports,
): Promise<Decision | undefined> {
  const require: readonly Requirement[] = [
    'signature',
    'scan',
    ...(claims === undefined ? [] : (['provenance'] as const)),
    ...(gate.sbom.length === 0 ? [] : (['sbom'] as const)),
  ];
  const commit = claims === undefined ? {} : { commit: claims.sha };
  const policy = { require, identity, members: 'each', ...commit } as const;
  try {
    const decision = await verifyImage({ image, reference, policy, verifier: await verifier() }, ports);
    return decision.report.ok ? decision : undefined;
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'REGISTRY_NOT_FOUND') return undefined;
    throw error;
  }
}

/** A scan statement as far as a gate goes on with it. */
type Sparing = { readonly findings: readonly Finding[] } & AttestedScan;

/**
 * What a proven scan statement has found, when it spares the next scan; else why it does not: it is not younger than 24
 * hours, it is another scan than this run would make, or the policy of today refuses what it found.
 */
function sparing(
  { image, scan }: { readonly image: string; readonly scan: Taken | undefined },
  { gate, policy }: Pick<Question, 'gate' | 'policy'>,
  now: Date,
): Sparing | string {
  const signedAt = scan === undefined ? undefined : youngTime(scan, now);
  if (scan === undefined || signedAt === undefined)
    return 'no scan of it is proven to be younger than 24 hours';
  const read = attestedFindings(scan.statement.predicate, gate);
  if (!read.ok) return `of its attested scan is to be said that ${read.why}`;
  const { findings, scanner } = read;
  if (!decideSources(policy, [{ folder: image, findings }], now).passed)
    return 'the policy of today refuses what was found then';
  return { findings, signedAt, scanner };
}

function readScans({ report, taken }: Decision, question: Question, now: Date): Spared | string {
  const { subjects } = report;
  const platforms = subjects.length > 1 ? subjects.slice(1) : subjects;
  const findings = new Map<Digest, readonly Finding[]>();
  const sboms = new Map<Digest, readonly KnownSbom[]>();
  let oldest: AttestedScan | undefined;
  for (const { digest } of platforms) {
    const own = taken.filter(({ subject }) => subject.digest === digest);
    const documents = question.gate.sbom.flatMap((kind) => {
      const found = own.find((each) => each.kind === kind);
      return found === undefined ? [] : [{ kind, document: found.statement.predicate }];
    });
    if (documents.length < question.gate.sbom.length) return 'its evidence is not whole at every registry';
    const scan = own.find(({ kind }) => kind === 'scan');
    const read = sparing({ image: report.image, scan }, question, now);
    if (typeof read === 'string') return read;
    const { signedAt, scanner } = read;
    findings.set(digest, read.findings);
    sboms.set(digest, documents);
    if (oldest === undefined || signedAt < oldest.signedAt) oldest = { signedAt, scanner };
  }
  return oldest === undefined ? 'it has no platform' : { findings, sboms, attested: oldest };
}

/** The proven time of signing of a scan that is younger than 24 hours, as it says itself too; else undefined. */
export function youngTime(scan: Taken, now: Date): string | undefined {
  const time = timeOf(scan);
  const { signedAt } = scan.proven;
  if (time === undefined || signedAt === undefined) return undefined;
  const isYoung = now.getTime() - time.getTime() < DAY_MS && signedAt.getTime() - now.getTime() < SKEW_MS;
  return isYoung ? signedAt.toISOString() : undefined;
}

/** The image with the findings and SBOMs of the earlier run; undefined when it is to be scanned. */
export function sparedInspection(
  image: BuiltImage,
  spared: ReadonlyMap<string, Spared>,
): (ImageInspection & Pick<Spared, 'sboms'>) | undefined {
  const known = spared.get(image.planned.name);
  if (known === undefined || image.origin !== 'adopted') return undefined;
  const platforms = image.platforms.map((platform) => {
    const findings = known.findings.get(platform.descriptor.digest);
    if (findings === undefined)
      throw new ReleaseError('INTERNAL', `a platform without a verdict: ${platform.descriptor.digest}`);
    return { ...platform, findings, reports: [] };
  });
  return { image, platforms, attested: known.attested, sboms: known.sboms };
}
