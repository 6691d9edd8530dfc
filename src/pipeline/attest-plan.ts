import { dirname } from 'node:path';
import { NO_CHANNELS } from '../model/channel.ts';
import { hexOf } from '../model/digest.ts';
import { type Problem, problem } from '../model/errors.ts';
import {
  type Plan,
  type PlannedImage,
  RELEASE_STEPS,
  type ReleaseStepId,
  type StepDecision,
} from '../model/plan.ts';
import { type DigestRef, formatReference, type Reference } from '../model/reference.ts';
import type { Ports } from '../ports/index.ts';
import type { RecordedImage, ReleaseRecord } from '../steps/attest/run.ts';
import { RERUN_RELEASE, readRecord } from './attest-record.ts';
import type { Start } from './start.ts';

/** An image that is in its registries already. */
export type AttestImage = {
  readonly planned: PlannedImage;
  /** Equal digests at every registry. Never empty. */
  readonly refs: readonly DigestRef[];
};

export type AttestPlan = {
  readonly plan: Plan;
  readonly images: readonly AttestImage[];
  /** The release record that names them, whose word is to be proven; undefined: anybody's images. */
  readonly record?: ReleaseRecord;
  /** The folder of the record, where its report files may lie. */
  readonly folder?: string;
};

/** What `attest` will say something about: tags are resolved here, once. Throws what the record has wrong. */
export async function planAttest(
  start: Start,
  ports: Pick<Ports, 'files' | 'registry'>,
): Promise<AttestPlan> {
  const { record } = start.inputs.attest;
  if (record === undefined) {
    const { refs, problems } = await resolveAll(start.inputs.verify.subjects, ports);
    const named = nameAll(refs);
    return { plan: planOf(start, named, problems), images: named };
  }
  const read = await readRecord(record, ports);
  const images = read.images.map(fromRecord);
  const plan = planOf(start, images, recordProblems(read, start.context.sha));
  return { plan, images, record: read, folder: dirname(record) };
}

function recordProblems({ revision, images }: ReleaseRecord, sha: string): readonly Problem[] {
  const commit = `the release record is of the commit ${revision}, and this run is of ${sha}`;
  return [
    ...(revision === sha ? [] : [problem('COMMIT_MISMATCH', commit, SAME_COMMIT)]),
    ...(images.length > 0
      ? []
      : [problem('INPUT_INVALID', 'the release record has no image that was pushed', RERUN_RELEASE)]),
  ];
}

const SAME_COMMIT =
  'Start this job for the tag or branch that was released: evidence names the commit of the run that signs it.';

async function resolveAll(
  subjects: readonly Reference[],
  { registry }: Pick<Ports, 'registry'>,
): Promise<{ readonly refs: readonly DigestRef[]; readonly problems: readonly Problem[] }> {
  const resolved = await Promise.all(
    subjects.map(async (reference) => ({ reference, top: await registry.resolve(reference) })),
  );
  const refs = resolved.flatMap(({ reference: { repository }, top }): DigestRef[] =>
    top === undefined ? [] : [{ repository, digest: top.digest }],
  );
  const problems = resolved
    .filter(({ top }) => top === undefined)
    .map(({ reference }) =>
      problem(
        'REGISTRY_NOT_FOUND',
        `there is no image at ${formatReference(reference)}`,
        'Correct the reference, or give credentials that may read it.',
      ),
    );
  // Two tags of one image are one image.
  const distinct = new Map(refs.map((ref) => [formatReference(ref), ref]));
  return { refs: [...distinct.values()], problems };
}

/** The last part of the path where that is enough, else the whole path, else with the head of the digest. */
function nameAll(refs: readonly DigestRef[]): readonly AttestImage[] {
  const forms: readonly ((ref: DigestRef) => string)[] = [
    ({ repository }) => repository.path.split('/').at(-1) ?? '',
    ({ repository }) => repository.path.replaceAll('/', '-'),
  ];
  return refs.map((ref) => {
    const form = forms.find((of) => refs.filter((other) => of(other) === of(ref)).length === 1);
    const stem = (ref.repository.path.split('/').at(-1) ?? 'image').slice(0, 100);
    const name = form?.(ref).slice(0, 128) ?? `${stem}-${hexOf(ref.digest).slice(0, 12)}`;
    return { planned: plannedOf(name, [ref]), refs: [ref] };
  });
}

function fromRecord({ name, refs }: RecordedImage): AttestImage {
  return { planned: plannedOf(name, refs), refs };
}

function plannedOf(name: string, refs: readonly DigestRef[]): PlannedImage {
  const [first] = refs;
  return {
    name,
    source: { kind: 'registry', reference: first === undefined ? '' : formatReference(first) },
    repositories: refs.map(({ repository }) => repository),
    tags: [],
    platforms: [],
    labels: {},
    annotations: { index: {}, manifest: {} },
    parents: [],
  };
}

function planOf(
  { inputs, context }: Start,
  images: readonly AttestImage[],
  problems: readonly Problem[],
): Plan {
  return {
    command: 'attest',
    event: context.eventName,
    kind: 'dispatch',
    dryRun: inputs.dryRun,
    prerelease: false,
    revision: context.sha,
    sourceDateEpoch: 0,
    dirty: false,
    images: images.map(({ planned }) => planned),
    channels: NO_CHANNELS,
    steps: RELEASE_STEPS.map((id) => decide(id, inputs.dryRun)),
    problems,
  };
}

const REASONS: Readonly<Record<ReleaseStepId, readonly ['run' | 'skip', string]>> = {
  preflight: ['run', 'everything that can be wrong is reported before the first minute'],
  build: ['run', 'the images are pulled by digest, nothing is built'],
  inspect: ['run', 'every platform of every image is looked into'],
  gate: ['run', 'nothing is signed before the policy has passed'],
  push: ['skip', 'the images are in their registries already'],
  attest: ['run', 'what is not signed yet is signed: SBOM, scan and signature, never provenance'],
  verify: ['run', 'what was signed is read back and proven'],
  tag: ['skip', '`attest` touches no tag'],
  promote: ['skip', '`attest` moves no channel'],
  publish: ['skip', '`attest` tells no platform'],
  report: ['run', 'outputs and summary are written in any case'],
};

function decide(id: ReleaseStepId, dryRun: boolean): StepDecision {
  const [decision, reason] = REASONS[id];
  const isSimulated = dryRun && decision === 'run' && id !== 'preflight' && id !== 'report';
  return isSimulated
    ? { id, do: 'simulate', reason: 'a dry run writes nothing' }
    : { id, do: decision, reason };
}
