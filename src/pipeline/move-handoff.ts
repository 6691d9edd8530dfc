import { resolve } from 'node:path';
import type { ReleaseSelector } from '../model/channel.ts';
import type { Digest } from '../model/digest.ts';
import { type Problem, problem, releaseErrorOf } from '../model/errors.ts';
import type { Ports } from '../ports/index.ts';
import type { ReadHandoff } from '../steps/handoff/run.ts';
import { openHandoffs } from './handoff-read.ts';
import type { Start } from './start.ts';

/**
 * The digests that a handoff names, in its place. They are a choice and no more: whoever moves a channel proves them as any
 * other. Throws HANDOFF_INVALID, HANDOFF_INCOMPLETE, INPUT_INVALID.
 */
export async function withoutHandoff(
  { inputs }: Pick<Start, 'inputs'>,
  selector: ReleaseSelector,
  ports: Pick<Ports, 'artifacts' | 'files' | 'log'>,
): Promise<ReleaseSelector> {
  if (selector.kind !== 'handoff') return selector;
  const { path } = selector;
  const read = await openHandoffs(
    [path === 'artifact' ? path : resolve(inputs.workingDirectory, path)],
    ports,
  );
  const offers = read.flatMap(offersOf);
  const names = [...new Set(offers.map(({ image }) => image))];
  const problems = names.flatMap((name) => problemsOf(name, offers));
  if (problems.length > 0) throw releaseErrorOf(problems);
  const digests = names.flatMap((image) => {
    const digest = offers.find((each) => each.image === image && each.digest !== undefined)?.digest;
    return digest === undefined ? [] : [{ image, digest }];
  });
  return { kind: 'digests', digests };
}

type Offer = { readonly image: string; readonly digest?: Digest; readonly folder: string };

function offersOf({ folder, handoff }: ReadHandoff): readonly Offer[] {
  return handoff.images.map(({ name, top }) => ({
    image: name,
    folder,
    ...(top === undefined ? {} : { digest: top }),
  }));
}

function problemsOf(name: string, offers: readonly Offer[]): readonly Problem[] {
  const own = offers.filter(({ image }) => image === name);
  const [first, other] = [...new Map(own.map((each) => [each.digest, each])).values()].filter(
    ({ digest }) => digest !== undefined,
  );
  if (first === undefined) {
    const message = `no handoff has the whole image ${name}, only some of its platforms`;
    const hint = 'Give that of the job that assembles the set (`command: build` with `handoff`).';
    return [problem('HANDOFF_INCOMPLETE', message, hint)];
  }
  if (other === undefined) return [];
  const message = `two handoffs name different digests for ${name}: ${first.digest} in ${first.folder}, ${other.digest} in ${other.folder}`;
  return [problem('HANDOFF_INVALID', message, 'Give the one that is to be promoted.')];
}
