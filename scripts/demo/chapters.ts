import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../__tests__/helpers/run-action.ts';
import type { Digest } from '../../src/model/digest.ts';
import { watch } from './checks.ts';
import { VULNERABLE_IMAGE, withLegacy } from './example.ts';
import type { LiveRun } from './live.ts';
import { keepReports, type Report } from './reports.ts';
import { heading, list, say } from './screen.ts';
import { furnish, type SetStage, type Stage, TAG } from './stage.ts';

const VERSION = TAG.slice(1);
const BAD_TAG = 'v1.3.0';
const CONFIG = '.github/module-release.yml';
/** A run, and how it is called in the end. */
export type Timed = { readonly what: string; readonly run: LiveRun };

const WIDEST = 30;
export const IMAGES = [
  'modules-base',
  'modules-runtime',
  'modules-analytics',
  'modules-ingest',
  'modules-console',
];

export async function introduce(stage: Stage): Promise<SetStage> {
  heading('What will happen');
  say(
    `The repository examples/modules holds five container images that stand on each other. Its tag ${TAG} is released here by
    the committed bundle dist/index.js, started as a runner starts it: built once into a local store, scanned there, let through
    or refused by the gate, pushed by digest, signed and verified, and tagged last. Docker, buildx and Trivy are the real ones. The
    registry is a small one inside this process, on loopback, and so are the services that sign: who a run is (the OIDC issuer), and
    Sigstore's certificates, log and timestamps. Nothing leaves this machine. It takes one to three minutes.`,
  );
  const set = await furnish(stage);
  say(
    `The registry answers at ${set.registry.host}. It also serves the vulnerability database, which the action
    fetches from there as it would the real one. It is a tiny fixture of a handful of public advisories: do not take its verdicts
    for news about real packages.`,
  );
  say(
    `Sigstore's stand-in answers at ${set.signers.sigstore.url}. It does what the real one does, with keys of its own that nobody
    else trusts; the action is told of it as of any private instance.`,
  );
  say(
    `The repository is a fresh copy with one commit, ${set.repository.sha.slice(0, 12)}, and the tag ${TAG}.`,
  );
  return set;
}

export async function plan({ checks, registry, signers, repository, run }: SetStage): Promise<LiveRun> {
  heading('The plan: `command: plan`');
  say('Everything that the release would do, without doing it. This is what a reviewer sees.');
  const since = watch(registry);
  const result = await run(TAG, repository.sha, { command: 'plan' });
  console.log();
  const { exitCode, outputs } = result;
  checks.expect(
    'The plan is made, and the run is green.',
    exitCode === 0 && outputs.status === 'planned',
    ended(result),
  );
  const names = namesOf(outputs.plan);
  checks.expect('It names all five images.', same(names, IMAGES), names.join(', '));
  checks.expect('The registry was not written to.', since.writes().length === 0, since.writes().join(', '));
  checks.expect('Nothing was signed.', signed(signers) === 0, `${signed(signers)} requests to Sigstore`);
  return result;
}

export async function release({ checks, registry, repository, run }: SetStage): Promise<LiveRun> {
  heading('The release');
  say(`The same again as a real release of ${TAG}. This is the log as it comes.`);
  const result = await run(TAG, repository.sha);
  console.log();
  const { exitCode, outputs, seconds } = result;
  checks.expect(
    `The release is done, after ${seconds.toFixed(1)} s.`,
    exitCode === 0 && outputs.status === 'released',
    ended(result),
  );
  const catalogue = registry.catalogue();
  const digests: Readonly<Record<string, string>> = JSON.parse(outputs.digests || '{}');
  for (const name of IMAGES) {
    const digest = catalogue[`acme/${name}`]?.tags[VERSION];
    checks.expect(
      `acme/${name}:${VERSION} is in the registry, with the digest that the action reports.`,
      digest !== undefined && digest === `sha256:${digests[name]}`,
      `${digest ?? 'no such tag'}; reported ${digests[name]}`,
    );
  }
  return result;
}

export function summary({ summary }: LiveRun): void {
  heading('The job summary');
  say('On GitHub this Markdown is shown on the page of the run, with its tables and its diagram drawn:');
  list(summary.trimEnd().split('\n'));
}

export function whereToLook({ checks, registry, signers }: SetStage, run: LiveRun, keep: boolean): void {
  heading('Where to look');
  const reports = keepReports(run);
  say('What the run left behind, copied to .module-release/demo in this clone:');
  const widest = Math.max(...reports.map(({ path }) => path.length));
  list(reports.map(({ path, text }) => `${path.padEnd(widest)}  ${text}`));
  checks.expect('There is release.json.', has(reports, /release\.json$/), 'none');
  checks.expect(
    'There are SBOMs of all six platforms.',
    count(reports, /\.cdx\.json$/) === 6,
    `${count(reports, /\.cdx\.json$/)}`,
  );
  checks.expect(
    'The SBOM of modules-analytics names numpy, and the requests that it has from modules-base.',
    ['numpy', 'requests'].every((name) => sbomOf(reports, 'modules-analytics').includes(`"${name}"`)),
    'it does not',
  );
  checks.expect('There are SARIF files.', has(reports, /\.sarif/), 'none');
  console.log();
  if (!keep) {
    say(
      '`npm run demo -- --keep` leaves the registry up at the end, so that it can be looked into with any client.',
    );
    return;
  }
  say('The registry stays up at the end, so that it can be looked into with any client, such as:');
  list([
    `curl -s http://${registry.host}/v2/_catalog`,
    `curl -s http://${registry.host}/v2/acme/modules-base/tags/list`,
    `crane manifest --insecure ${registry.host}/acme/modules-console:${VERSION}`,
    `docker buildx imagetools inspect ${registry.host}/acme/modules-console:${VERSION}`,
    `oras discover --plain-http ${registry.host}/acme/modules-console:${VERSION}`,
  ]);
  say('The commands of the job summary work in the folder that holds trusted-root.json:');
  list([`cd ${signers.folder}`]);
}

export async function again({ checks, registry, signers, repository, run }: SetStage): Promise<LiveRun> {
  heading('The same tag once more');
  say(
    `Somebody presses "Re-run". The tag ${VERSION} is in the registry, with provenance that proves its bytes to be this commit's and
    this workflow's own. So they are taken as they are: nothing is built, pushed or signed. The verdict of a minute ago is signed, too; today's
    policy judges what it found, and no image is scanned a second time.`,
  );
  const since = watch(registry);
  const before = signed(signers);
  const result = await run(TAG, repository.sha);
  console.log();
  checks.expect(
    `The run is green and says unchanged, after ${result.seconds.toFixed(1)} s.`,
    result.exitCode === 0 && result.outputs.status === 'unchanged',
    ended(result),
  );
  checks.expect('The registry was not written to.', since.writes().length === 0, since.writes().join(', '));
  checks.expect('The registry holds what it held before.', since.isUnchanged(), 'something else');
  const fresh = signed(signers) - before;
  checks.expect('Nothing was signed anew.', fresh === 0, `${fresh} requests to Sigstore`);
  const scans = result.outputs['scan-report-path'] ?? '';
  checks.expect('No image was scanned a second time.', scans === '', scans.replaceAll('\n', ', '));
  return result;
}

export async function refuse({ checks, registry, signers, repository, run }: SetStage): Promise<LiveRun> {
  heading('A release that the gate refuses');
  say(
    `The next commit adds a sixth image with lodash 4.17.4, which has a critical vulnerability with a fix, and is tagged
    ${BAD_TAG}. A set of images is released together or not at all.`,
  );
  const config = readFileSync(join(repository.folder, CONFIG), 'utf8');
  const sha = repository.commit({ ...VULNERABLE_IMAGE, [CONFIG]: withLegacy(config) });
  repository.tag(BAD_TAG);
  const since = watch(registry);
  const before = signed(signers);
  const result = await run(BAD_TAG, sha);
  console.log();
  const code = result.outputs['error-code'];
  checks.expect(
    'The run is red, with the code GATE_FINDINGS.',
    result.exitCode !== 0 && code === 'GATE_FINDINGS',
    `${ended(result)}, ${code}`,
  );
  checks.expect(
    'The finding is named: CVE-2019-10744 in modules-legacy.',
    /CVE-2019-10744/.test(result.summary) && /modules-legacy/.test(result.summary),
    'the summary does not name it',
  );
  checks.expect(
    'The hint says what to do: upgrade or waive.',
    /upgrade|waiver/i.test(result.summary),
    'no hint',
  );
  checks.expect(
    'The registry was not written to: no PUT, no PATCH, no POST with a body.',
    since.writes().length === 0,
    since.writes().join(', '),
  );
  checks.expect('The registry holds what it held before.', since.isUnchanged(), 'something else');
  const fresh = signed(signers) - before;
  checks.expect('Nothing was signed.', fresh === 0, `${fresh} requests to Sigstore`);
  return result;
}

export async function conclude(
  { checks, registry, startedAt }: SetStage,
  runs: readonly Timed[],
): Promise<void> {
  heading('In the end');
  list([
    ...runs.map(({ what, run }) => `${what.padEnd(WIDEST)} ${run.seconds.toFixed(1).padStart(6)} s`),
    `${'the whole demo'.padEnd(WIDEST)} ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`,
    '',
    ...(await sizes(registry)),
  ]);
  const all = checks.kept + checks.broken.length;
  if (checks.broken.length === 0)
    say(`Everything happened as announced: ${all} of ${all} promises were kept.`);
  else {
    say(`Not everything happened as announced: ${checks.broken.length} of ${all} promises were broken.`);
    list(checks.broken);
  }
}

/** What the registry holds of each image, and of all together: layers that images share are there once. */
async function sizes({ catalogue, store }: SetStage['registry']): Promise<readonly string[]> {
  const held = catalogue();
  const bytesOf = async (blobs: Iterable<Digest>): Promise<number> =>
    (await Promise.all([...blobs].map((digest) => store.blobSize(digest)))).reduce(
      (sum, size) => sum + size,
      0,
    );
  const line = (what: string, bytes: number): string =>
    `${what.padEnd(WIDEST)} ${(bytes / 1e6).toFixed(2).padStart(6)} MB`;
  const all = new Set(IMAGES.flatMap((name) => held[`acme/${name}`]?.blobs ?? []));
  return [
    ...(await Promise.all(
      IMAGES.map(async (name) => line(`acme/${name}`, await bytesOf(held[`acme/${name}`]?.blobs ?? []))),
    )),
    line('all five, shared layers once', await bytesOf(all)),
  ];
}

/** Requests to those who sign so far. */
function signed({ sigstore }: SetStage['signers']): number {
  return sigstore.requests.length;
}

function ended({ exitCode, outputs }: Pick<LiveRun, 'exitCode' | 'outputs'>): string {
  return `exit code ${exitCode}, status ${outputs.status || 'none'}`;
}

function namesOf(plan: string | undefined): readonly string[] {
  const { images = [] }: { images?: readonly { name: string }[] } = JSON.parse(plan || '{}');
  return images.map(({ name }) => name);
}

function same(some: readonly string[], others: readonly string[]): boolean {
  return [...some].sort().join() === [...others].sort().join();
}

/** The text of an image's SBOM; empty when there is none. */
function sbomOf(reports: readonly Report[], image: string): string {
  const found = reports.find(({ path }) => path.includes(`sbom-${image}-`) && path.endsWith('.cdx.json'));
  return found === undefined ? '' : readFileSync(join(ROOT, found.path), 'utf8');
}

function count(reports: readonly Report[], form: RegExp): number {
  return reports.filter(({ path }) => form.test(path)).length;
}

function has(reports: readonly Report[], form: RegExp): boolean {
  return count(reports, form) > 0;
}
