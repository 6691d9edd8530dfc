import type { RepositoryAbout, RunContext } from '../model/context.ts';
import { type Problem, problem } from '../model/errors.ts';
import type { AnnotationInput, VersionInputs } from '../model/inputs.ts';
import { ANNOTATION } from '../model/plan.ts';
import { type Version, versionTag } from '../model/version.ts';
import { type Helpers, isFault, renderTemplate } from './template.ts';

type Values = Readonly<Record<string, string>>;

/** Labels and annotations of one image. */
export type Metadata = {
  readonly labels: Values;
  readonly annotations: { readonly index: Values; readonly manifest: Values };
};

/** What the metadata of all images of a release is made from. */
export type MetadataSource = {
  readonly context: RunContext;
  readonly about: RepositoryAbout;
  readonly version?: Version;
  readonly revision: string;
  readonly sourceDateEpoch: number;
  /** Rendered by `renderUserMetadata`. */
  readonly user: UserMetadata;
};

export type UserMetadata = { readonly labels: Values; readonly annotations: readonly AnnotationInput[] };

const OCI = 'org.opencontainers.image.';

/** A re-run knows its own images by these. */
const RESERVED: readonly string[] = [ANNOTATION.revision, ANNOTATION.planHash];

/**
 * The predefined keys of the image spec, and what the user sets; the user's values win, those of the one image first.
 * Annotations are the same on the index and on the manifests, so that every registry's page finds them.
 * https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys
 */
export function metadataOf(
  image: { readonly name: string; readonly labels: Values; readonly description?: string },
  source: MetadataSource,
): Metadata {
  const defaults = defaultLabels(image, source);
  const labels = { ...defaults, ...source.user.labels, ...image.labels };
  // A title that the user gives as a label is the image's title as an annotation, too.
  const base = Object.fromEntries(Object.entries(labels).filter(([key]) => key.startsWith(OCI)));
  const own = (level: 'index' | 'manifest'): Values => ({
    ...base,
    ...Object.fromEntries(
      source.user.annotations
        .filter(({ levels }) => levels.length === 0 || levels.includes(level))
        .map(({ key, value }) => [key, value]),
    ),
    [ANNOTATION.revision]: source.revision,
  });
  return { labels, annotations: { index: own('index'), manifest: own('manifest') } };
}

function defaultLabels(
  { name, description = '' }: { readonly name: string; readonly description?: string },
  source: MetadataSource,
): Values {
  const { about, context, version } = source;
  const said = description || about.description;
  const url = `${context.serverUrl}/${context.repository}`;
  return {
    [`${OCI}title`]: name,
    ...(said ? { [`${OCI}description`]: said } : {}),
    [`${OCI}url`]: url,
    [`${OCI}source`]: url,
    ...(version === undefined ? {} : { [ANNOTATION.version]: versionTag(version) }),
    [ANNOTATION.created]: new Date(source.sourceDateEpoch * 1000).toISOString().replace('.000Z', 'Z'),
    [ANNOTATION.revision]: source.revision,
    ...(about.license && about.license !== 'NOASSERTION' ? { [`${OCI}licenses`]: about.license } : {}),
  };
}

/**
 * The expressions in the user's labels and annotations. Unknown ones are left alone: they may be templates of another
 * tool. `{{date}}` is refused: with the time of the run in it no re-run could find its own images again.
 */
export function renderUserMetadata(
  inputs: VersionInputs,
  helpers: Helpers,
): { readonly user: UserMetadata; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const ownHelpers: Helpers = {
    ...helpers,
    date: () => ({ fault: 'the time of the run would make every re-run another image; use {{commit_date}}' }),
  };
  const render = (what: string, value: string): string => {
    const text = renderTemplate(value, ownHelpers, 'keep');
    if (!isFault(text)) return text;
    problems.push(problem('INPUT_INVALID', `${what} cannot be used: ${value}: ${text.fault}`));
    return value;
  };
  const labels = Object.fromEntries(
    Object.entries(inputs.labels).map(([key, value]) => [key, render(`the label ${key}`, value)]),
  );
  const annotations = inputs.annotations.map((annotation) => ({
    ...annotation,
    value: render(`the annotation ${annotation.key}`, annotation.value),
  }));
  for (const { key } of annotations.filter((annotation) => RESERVED.includes(annotation.key))) {
    problems.push(
      problem(
        'INPUT_INVALID',
        `the annotation is set by every release itself: ${key}`,
        'Remove it: a re-run knows its own images by this annotation.',
      ),
    );
  }
  return { user: { labels, annotations }, problems };
}
