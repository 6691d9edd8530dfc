import { ANNOTATION, type PlannedImage } from '../../model/plan.ts';

/** Set by every release itself, whatever a bake file says: a re-run knows its own images by them. */
const OURS: ReadonlySet<string> = new Set([ANNOTATION.revision, ANNOTATION.planHash]);

/**
 * The annotations of one target in bake's form, `level:key=value`. The hash goes on the top manifest alone: on the index
 * where there is one. A one-platform export has no index and refuses annotations for it.
 * https://docs.docker.com/build/metadata/annotations/#specify-annotation-level
 */
export function annotationsOf(
  planned: Pick<PlannedImage, 'annotations' | 'planHash'>,
  fromFile: readonly string[],
  isIndex: boolean,
): readonly string[] {
  const hash = planned.planHash === undefined ? {} : { [ANNOTATION.planHash]: planned.planHash };
  const file = fromFile.flatMap((text) => {
    const annotation = parse(text);
    const levels = isIndex
      ? annotation.levels
      : annotation.levels.filter((level) => !level.startsWith('index'));
    if (levels.length === 0 || OURS.has(annotation.key)) return [];
    return [{ ...annotation, levels }];
  });
  const ours = [
    ...(isIndex ? entries('index', { ...planned.annotations.index, ...hash }) : []),
    ...entries('manifest', { ...planned.annotations.manifest, ...(isIndex ? {} : hash) }),
  ].filter(
    ({ levels, key }) =>
      !file.some((other) => other.key === key && other.levels.some((level) => levels.includes(level))),
  );
  return [...ours, ...file].map(({ levels, key, value }) => `${levels.join(',')}:${key}=${value}`);
}

/** What of the annotations of an image goes on the manifest of one platform, when that is built alone. */
export function memberAnnotations(texts: readonly string[], platform: string): readonly string[] {
  return texts.flatMap((text) => {
    const { levels, key, value } = parse(text);
    return levels.some((level) => isOf(level, 'manifest', platform)) ? [`manifest:${key}=${value}`] : [];
  });
}

/** And what goes on the index that is made of them: on itself, and on its entry for a platform. */
export function indexAnnotations(texts: readonly string[]) {
  const of = (kind: string, platform?: string): Readonly<Record<string, string>> => {
    const found = texts
      .map(parse)
      .filter(({ levels }) => levels.some((level) => isOf(level, kind, platform)))
      .map(({ key, value }) => [key, value] as const);
    // In the order that BuildKit writes them in.
    return Object.fromEntries([...new Map(found)].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return { index: of('index'), entry: (platform: string) => of('manifest-descriptor', platform) };
}

/** `manifest[linux/amd64]` is of one platform, `manifest` of all. */
function isOf(level: string, kind: string, platform: string | undefined): boolean {
  return level === kind || (platform !== undefined && level === `${kind}[${platform}]`);
}

type Annotation = { readonly levels: readonly string[]; readonly key: string; readonly value: string };

function entries(level: string, values: Readonly<Record<string, string>>): readonly Annotation[] {
  return Object.entries(values).map(([key, value]) => ({ levels: [level], key, value }));
}

/** Without a level an annotation is the manifest's. `index[linux/amd64]` is a level, too. */
const LEVELS =
  /^((?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?(?:,(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?)*):/;

function parse(text: string): Annotation {
  const match = LEVELS.exec(text);
  const body = match === null ? text : text.slice(match[0].length);
  const at = body.indexOf('=');
  return {
    levels: match?.[1]?.split(',') ?? ['manifest'],
    key: at < 0 ? body : body.slice(0, at),
    value: at < 0 ? '' : body.slice(at + 1),
  };
}
