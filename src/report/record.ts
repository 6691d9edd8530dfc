import type { Attestation } from '../model/attestation.ts';
import type { ChannelMove } from '../model/channel.ts';
import { formatPlatform } from '../model/descriptor.ts';
import type { Plan, PlannedImage } from '../model/plan.ts';
import type { PublishedModule } from '../model/publish.ts';
import { formatReference, formatRepository } from '../model/reference.ts';
import type { Release } from '../model/release.ts';
import type { GateVerdict, Violation } from '../model/scan.ts';
import type { Shard } from '../model/shard.ts';
import { findingsOf, type ReportedImage, reportedImages, topOf } from './images.ts';
import { modulesOutput } from './modules.ts';

/** Grows by new fields; a field that changes its meaning makes it 2. The fields stand in docs/outputs.md. */
export const RECORD_VERSION = 1;

/** release.json: the whole release as data, as far as it came. Paths are those of the runner. */
export function recordOf(release: Release) {
  const { plan, verdict, policy, scanner } = release;
  return {
    schemaVersion: RECORD_VERSION,
    command: release.command ?? null,
    status: release.status,
    plan: plan === undefined ? null : planRecord(plan),
    steps: release.steps,
    images: reportedImages(release).map(imageRecord),
    gate:
      policy === undefined
        ? null
        : {
            severities: policy.severities,
            ignoreUnfixed: policy.ignoreUnfixed,
            scanner: scanner ?? null,
            verdict: verdict === undefined ? null : verdictRecord(verdict),
          },
    attestations: release.attestations?.map(attestationRecord) ?? null,
    /** Not signed yet; they lie in the folder `statements` beside this file, for `command: attest`. */
    statements: release.kept ?? null,
    promotions: release.promotions?.map(promotionRecord) ?? null,
    verification: release.verification ?? null,
    published: release.published?.map(publishedRecord) ?? null,
    /** For the release that goes on: it takes the folder, or the artifact. */
    handoff: release.handoff ?? null,
    tools: release.tools,
    problems: release.problems,
  };
}

function attestationRecord({ referrers, ...attestation }: Attestation) {
  return { ...attestation, referrers: referrers.map(formatReference) };
}

function publishedRecord({ ref, job, identity, watch, ...module }: PublishedModule) {
  return {
    ...module,
    ref: formatReference(ref),
    job: job ?? null,
    identity: identity ?? null,
    watch: watch ?? null,
  };
}

/** What each tag pointed at before is in `previous`. */
function promotionRecord({ tags, record, version, ...move }: ChannelMove) {
  return {
    ...move,
    version: version ?? null,
    tags: tags.map(({ image, ref, from, to, outcome }) => ({
      image,
      ref: formatReference(ref),
      digest: to,
      previous: from ?? null,
      outcome,
    })),
    record: record === undefined ? null : { ...record, ref: formatReference(record.ref) },
  };
}

/** The record as the text of the file. */
export function recordText(release: Release): string {
  return `${JSON.stringify(recordOf(release), null, 2)}\n`;
}

function planRecord(plan: Plan) {
  return {
    command: plan.command,
    event: plan.event,
    kind: plan.kind,
    dryRun: plan.dryRun,
    version: plan.version?.raw ?? null,
    prerelease: plan.prerelease,
    revision: plan.revision,
    sourceDateEpoch: plan.sourceDateEpoch,
    dirty: plan.dirty,
    images: plan.images.map(plannedRecord),
    modules: modulesOutput(plan.modules),
    publish: plan.publish ?? null,
    channels: plan.channels,
    shards: plan.shards?.map(shardRecord) ?? null,
    shard: plan.shard ?? null,
    steps: plan.steps,
    problems: plan.problems,
  };
}

function shardRecord({ name, images, platforms, labels }: Shard) {
  return { name, images, platforms: platforms.map(formatPlatform), labels };
}

function plannedRecord(image: PlannedImage) {
  return {
    name: image.name,
    source: image.source,
    repositories: image.repositories.map(formatRepository),
    tags: image.tags,
    platforms: image.platforms.map(formatPlatform),
    labels: image.labels,
    annotations: image.annotations,
    parents: image.parents,
    planHash: image.planHash ?? null,
    definitionHash: image.definitionHash ?? null,
    /** Other jobs make the rest of its platforms. */
    partial: image.partial ?? false,
  };
}

function imageRecord(image: ReportedImage) {
  const { planned, inspection, released } = image;
  const made = released ?? inspection?.image;
  const top = topOf(image);
  return {
    name: planned.name,
    origin: made?.origin ?? null,
    /** The findings are those of an earlier run, by its proven statement. */
    attestedScan: inspection?.attested ?? null,
    digest: top?.digest ?? null,
    mediaType: top?.mediaType ?? null,
    /** Compressed bytes of all distinct blobs. */
    size: made?.size || null,
    pushed: released !== undefined,
    subjects: top === undefined ? [] : (released?.subjects ?? []).map(formatReference),
    blobs: released?.blobs ?? null,
    platforms: (made?.platforms ?? []).map(({ platform, descriptor }) => ({
      platform: formatPlatform(platform),
      digest: descriptor.digest,
      reports:
        inspection?.platforms.find((each) => each.descriptor.digest === descriptor.digest)?.reports ?? [],
    })),
    findings: inspection === undefined ? null : findingsOf(inspection),
    tags: (released?.tags ?? []).map(({ ref, kind, outcome, previous, reason }) => ({
      ref: formatReference(ref),
      kind,
      outcome,
      previous: previous ?? null,
      reason: reason ?? null,
    })),
  };
}

function verdictRecord(verdict: GateVerdict) {
  return {
    passed: verdict.passed,
    violations: verdict.violations.map(violationRecord),
    waived: verdict.waived.map((waived) => ({ ...violationRecord(waived), waiver: waived.waiver })),
    unfixed: verdict.unfixed.map(violationRecord),
    expiredWaivers: verdict.expiredWaivers,
    expiringWaivers: verdict.expiringWaivers,
    unusedWaivers: verdict.unusedWaivers,
  };
}

function violationRecord({ image, platforms, finding }: Violation) {
  return { image, platforms, finding };
}
