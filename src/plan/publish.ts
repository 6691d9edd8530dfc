import { type Problem, problem } from '../model/errors.ts';
import type { Facts } from '../model/facts.ts';
import type { Inputs, PublishInputs } from '../model/inputs.ts';
import type { PlannedImage, StepDecision } from '../model/plan.ts';
import type { PlannedPublish } from '../model/publish.ts';
import { isPrerelease, type Version } from '../model/version.ts';

type Decision = Omit<StepDecision, 'id'>;

type Asking = {
  readonly publish: PublishInputs;
  /** Undefined: the event releases none. */
  readonly version?: Version;
  /** The git tag of the event. */
  readonly tag?: string;
};

/** Whether the platform is told, and why. `tagged`: whether there will be tags. */
export function decidePublish({ publish, version, tag }: Asking, tagged: Decision): Decision {
  const { asked, when } = publish;
  if (asked === false) return skip('`publish: false`');
  if (asked === undefined && when === undefined) return skip('nothing asks for it: set `publish: true`');
  if (tagged.do === 'skip') return skip('what is not released is not published');
  if (version === undefined) return skip('this event releases no version');
  if (asked === true) return run(`\`publish: true\` asks for it, at ${placeOf(publish)}`);
  const pattern = when?.tag ?? '';
  if (tag === undefined || !matchesStar(pattern, tag))
    return skip(`this event has no tag that matches ${pattern} of \`publish.when\``);
  if (isPrerelease(version) && when?.prerelease !== true)
    return skip('a prerelease is published only with `publish.prerelease: true`');
  return run(`the tag ${tag} matches ${pattern} of \`publish.when\`, at ${placeOf(publish)}`);
}

/** Where the platform is, for people. */
export function placeOf({ target, scope }: Pick<PublishInputs, 'target' | 'scope'>): string {
  switch (target.kind) {
    case 'hla-compass': {
      const url = target.url === undefined ? '' : ` (${target.url})`;
      return `HLA-Compass ${target.env}${url} for the scope ${scope}`;
    }
    case 'webhook':
      return target.url;
    case 'dispatch':
      return `${target.repository} on GitHub`;
  }
}

/** What is published, and what stands in its way: told before the first minute. */
export function planPublish(
  { publish, version, ...where }: Pick<Inputs, 'publish' | 'version' | 'workingDirectory' | 'workspace'>,
  { manifest }: Pick<Facts, 'manifest'>,
  images: readonly PlannedImage[],
  decision: Decision,
): { readonly modules: readonly PlannedPublish[]; readonly problems: readonly Problem[] } {
  if (decision.do === 'skip') return { modules: [], problems: [] };
  const isCompass = publish.target.kind === 'hla-compass';
  const problems = lacking(publish, isCompass);
  const modules = images.flatMap(({ name, manifest: path }) =>
    path === undefined ? [] : [{ image: name, manifest: path }],
  );
  if (modules.length > 0) return { modules, problems };
  if (manifest === undefined && isCompass)
    return { modules: [], problems: [...problems, ...noManifest({ version, ...where })] };
  const named = images.find(({ name }) => name === manifest?.name);
  const image = named ?? (images.length === 1 ? images[0] : undefined);
  if (image === undefined) {
    const message = `${images.length} images are released, and none is named like the module of manifest.json: ${manifest?.name ?? 'it has no name'}`;
    const hint = 'Name the image of the module like the module.';
    return { modules: [], problems: [...problems, problem('INPUT_INVALID', message, hint)] };
  }
  const module = { image: image.name, ...(manifest === undefined ? {} : { manifest: manifest.path }) };
  return { modules: [module], problems };
}

function noManifest({
  version,
  workingDirectory,
  workspace,
}: Pick<Inputs, 'version' | 'workingDirectory' | 'workspace'>): readonly Problem[] {
  // Then it is said already.
  if (version.manifest === 'true') return [];
  if (version.manifest === 'false')
    return [
      problem(
        'INPUT_INVALID',
        'input `publish`: it cannot stand beside `manifest: false`, since modules are published by it',
      ),
    ];
  const folder = workingDirectory === workspace ? 'the root of the checkout' : workingDirectory;
  return [
    problem('MANIFEST_NOT_FOUND', `there is no manifest.json in ${folder}, and a module is published by it`),
  ];
}

function lacking(
  { target, token, key, generateKeys }: PublishInputs,
  isCompass: boolean,
): readonly Problem[] {
  const noToken = problem(
    'INPUT_INVALID',
    `input \`publish\`: it needs a \`publish-token\` for ${target.kind === 'hla-compass' ? target.env : target.kind}`,
    'Give the secret as `publish-token`; a secret that does not exist is empty.',
  );
  const noKey = problem(
    'INPUT_INVALID',
    'input `publish`: manifests are signed, so it needs a `publish-key` or `generate-keys: true`',
    'Keep one key as a secret (`openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:4096`): it is your identity as publisher.',
  );
  return [
    ...(token === undefined ? [noToken] : []),
    ...(isCompass && key === undefined && !generateKeys ? [noKey] : []),
  ];
}

/** A star stands for any text. */
export function matchesStar(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function run(reason: string): Decision {
  return { do: 'run', reason };
}

function skip(reason: string): Decision {
  return { do: 'skip', reason };
}
