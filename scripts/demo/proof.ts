import { hasCosign, judge } from './cosign.ts';
import { evidenceOf, type Subject } from './evidence.ts';
import type { LiveRun } from './live.ts';
import { heading, list, say } from './screen.ts';
import { signerOf } from './signers.ts';
import { type SetStage, TAG } from './stage.ts';

/** What must be attached, by predicate type; SBOM and scan are of a platform, never of an index. */
const OF_ALL = {
  'https://sigstore.dev/cosign/sign/v1': 'signature',
  'https://slsa.dev/provenance/v1': 'provenance',
};
const OF_A_PLATFORM = {
  ...OF_ALL,
  'https://cyclonedx.org/bom': 'SBOM',
  'https://cosign.sigstore.dev/attestation/vuln/v1': 'scan',
};

/** Looks at what was signed without the action: in the registry by digest, and through cosign. */
export async function proof(set: SetStage, run: LiveRun, images: readonly string[]): Promise<void> {
  const { checks, registry, signers } = set;
  heading('The evidence');
  say(
    `Every image and every platform of it was signed before any tag was set. What was signed is read here without the action: from
    the registry, by digest alone, as any client finds it.`,
  );
  const digests: Readonly<Record<string, string>> = JSON.parse(run.outputs.digests || '{}');
  const found = await Promise.all(
    images.map((name) => evidenceOf(registry.host, `acme/${name}`, `sha256:${digests[name]}`)),
  );
  const subjects = found.flat();
  for (const subject of subjects) checkSubject(set, subject);
  const bundles = subjects.flatMap((subject) => subject.bundles);
  const { identity, issuer } = signerOf(TAG);
  const signer = [...new Set(bundles.map((bundle) => bundle.signer))].join(', ');
  checks.expect(`All ${bundles.length} were signed by ${identity}.`, signer === identity, signer);
  const { fulcio } = signers.sigstore.counts();
  checks.expect('One certificate served for all of them.', fulcio === 1, `${fulcio} certificates`);
  const sections = ['Evidence', 'Verify'].filter((title) => run.summary.includes(`\n### ${title}\n`));
  checks.expect(
    'The job summary has the parts Evidence and Verify.',
    sections.length === 2,
    sections.join() || 'neither',
  );
  console.log();
  await askCosign(set, run, subjects, { identity, issuer });
}

function checkSubject({ checks }: SetStage, { image, platform, digest, bundles }: Subject): void {
  const wanted = platform === undefined ? OF_ALL : OF_A_PLATFORM;
  const own = bundles.filter(({ subject }) => subject === digest).map(({ predicateType }) => predicateType);
  const names = Object.values(wanted);
  const what = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  checks.expect(
    `${image}, ${platform ?? 'the index'}: ${what} are attached to ${digest.slice(0, 19)}….`,
    [...own].sort().join() === Object.keys(wanted).sort().join() && own.length === bundles.length,
    bundles.map(({ predicateType, subject }) => `${predicateType} of ${subject}`).join(', ') || 'nothing',
  );
}

async function askCosign(
  { checks, registry, signers }: SetStage,
  { summary }: LiveRun,
  subjects: readonly Subject[],
  { identity, issuer }: ReturnType<typeof signerOf>,
): Promise<void> {
  if (!hasCosign()) {
    say('There is no cosign 3 on this machine, so nobody else is asked. `npm test` brings one.');
    return;
  }
  const printed = summary.split('\n').filter((line) => line.startsWith('cosign '));
  say('The summary says how to check all this without us. These are its lines for one image, word for word:');
  list(printed.filter((line) => line.includes('/modules-base@')));
  const accepted = await judge(printed, signers.folder);
  const refused = accepted.filter((verdict) => !verdict.accepted);
  checks.expect(
    `The real cosign accepts all ${printed.length} commands that the summary prints.`,
    printed.length > 0 && refused.length === 0,
    refused.map(({ command, said }) => `${command}: ${said}`).join('; ') || 'no commands',
  );
  const verify = (subject: Subject, by: string): string =>
    `cosign verify --certificate-identity ${by} --certificate-oidc-issuer ${issuer} ` +
    `--trusted-root trusted-root.json --allow-http-registry ${registry.host}/${subject.image}@${subject.digest}`;
  const all = await judge(
    subjects.map((subject) => verify(subject, identity)),
    signers.folder,
  );
  checks.expect(
    `It finds and accepts a signature of each index and platform, ${all.length} in all.`,
    all.every(({ accepted }) => accepted),
    all.flatMap(({ accepted, said }) => (accepted ? [] : [said])).join('; '),
  );
  const [first] = subjects;
  const [other] =
    first === undefined ? [] : await judge([verify(first, signerOf('v9.9.9').identity)], signers.folder);
  checks.expect(
    'And it refuses the same image for the workflow of another tag, v9.9.9.',
    other !== undefined && !other.accepted && /identit|certificate/.test(other.said),
    other?.said ?? 'nothing was asked',
  );
  console.log();
}
