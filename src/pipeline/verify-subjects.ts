import { ReleaseError, releaseErrorOf } from '../model/errors.ts';
import { formatReference, isDigestRef, type Reference } from '../model/reference.ts';
import type { VerificationPolicy } from '../model/verification.ts';
import { parseVersion } from '../model/version.ts';
import { planRelease } from '../plan/plan-release.ts';
import type { Ports } from '../ports/index.ts';
import { releasedBefore } from '../steps/preflight/run.ts';
import { surveyNames } from '../steps/survey/run.ts';
import { identityPolicy } from '../steps/verify/run.ts';
import { focus, modulesOf } from './focus.ts';
import type { Start } from './start.ts';

/** An image whose evidence is asked for, and what it must prove. */
export type VerifySubject = {
  /** For reports: its name in the plan, or the reference as it was given. */
  readonly image: string;
  readonly reference: Reference;
  readonly policy: VerificationPolicy;
};

/** The images that the user names, whoever made them; without any, those that a release at this event has made. */
export async function verifySubjects(
  start: Start,
  ports: Pick<Ports, 'clock' | 'exec' | 'files' | 'registry'>,
): Promise<readonly VerifySubject[]> {
  const { subjects } = start.inputs.verify;
  if (subjects.length === 0) return releasedSubjects(start, ports);
  return subjects.map((reference) => ({
    image: formatReference(reference),
    reference,
    // Other tools attest an index alone: it then counts for its platforms.
    policy: { ...policyOf(start, refOf(start, reference)), members: 'covered' },
  }));
}

/**
 * The immutable tags that the plan of this event gives each image, at every registry. Only names are needed, so nobody asks
 * git, and Docker is needed for a bake file alone. Modules of a set whose version an earlier commit has released are not
 * among them: this event has left them as they are.
 */
async function releasedSubjects(
  start: Start,
  ports: Pick<Ports, 'clock' | 'exec' | 'files' | 'registry'>,
): Promise<readonly VerifySubject[]> {
  const { inputs, context } = await focus(start, ports);
  const modules = await modulesOf(inputs, ports);
  const { facts, problems } = await surveyNames(inputs, context, modules, ports);
  const plan = planRelease({ ...inputs, command: 'plan' }, context, facts);
  const found = [...plan.problems, ...problems];
  if (found.length > 0) throw releaseErrorOf(found);
  const before = await releasedBefore(plan, ports);
  const policy = policyOf(start, context.ref);
  const subjects = plan.images
    .filter(({ name }) => !before.has(name))
    .flatMap(({ name, repositories, tags }) =>
      tags
        .filter(({ rule }) => rule === 'required')
        .flatMap(({ tag }) =>
          repositories.map((repository) => ({ image: name, reference: { repository, tag }, policy })),
        ),
    );
  if (subjects.length > 0) return subjects;
  const why =
    before.size === 0
      ? `${context.eventName} on ${context.ref} releases nothing`
      : 'every version was released before, from another commit';
  throw new ReleaseError('INPUT_INVALID', `input \`subject\`: there is nothing to verify, since ${why}`, {
    hint: `Set \`subject\` to the references of the images, one a line${exampleOf(before)}.`,
  });
}

function exampleOf(before: ReadonlyMap<string, Reference>): string {
  const [first] = before.values();
  return first === undefined ? '' : `, such as ${formatReference(first)}`;
}

/** What an image must prove; `ref`: what the run that built it ran on, as far as that is known. */
export function policyOf({ inputs, context }: Start, ref: string | undefined): VerificationPolicy {
  const { require, identity } = inputs.verify;
  if (inputs.attest.key !== undefined) return { require, members: 'each', identity: 'key' };
  const { serverUrl, repository, workflowRef } = context;
  const [workflow] = workflowRef?.replace(`${repository}/`, '').split('@') ?? [];
  return {
    require,
    members: 'each',
    identity: identityPolicy(identity, {
      serverUrl,
      repository,
      ...(ref === undefined ? {} : { ref }),
      ...(workflow === undefined ? {} : { workflow }),
    }),
  };
}

/** Our own `1.2.3` was built from the git tag of that version; of a digest or a moving tag only its evidence knows the ref. */
function refOf({ inputs }: Start, reference: Reference): string | undefined {
  const { tagPrefix } = inputs.version;
  const isForeign = inputs.verify.identity.repository !== undefined;
  if (isForeign || isDigestRef(reference) || tagPrefix.includes('*')) return undefined;
  return parseVersion(reference.tag) === undefined ? undefined : `refs/tags/${tagPrefix}${reference.tag}`;
}
