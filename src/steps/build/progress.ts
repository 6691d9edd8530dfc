import { type Digest, parseDigest } from '../../model/digest.ts';
import { readProgressLine, type StatusLine, type Vertex } from './progress-line.ts';

/** What a build that failed left behind. */
export type Failure = {
  /** Undefined when no step failed, but bake itself. */
  readonly target?: string;
  readonly step?: string;
  /** The step's error, or bake's last words. */
  readonly error: string;
  /** The last lines that the failing step printed. */
  readonly output: readonly string[];
  /** What bake printed beside its progress: an excerpt of the Dockerfile, its error. */
  readonly said: readonly string[];
};

export type TargetFailure = Failure & { readonly target: string };

/** Of targets that are one platform of another: what they are called by people. */
export type PartNames = ReadonlyMap<string, { readonly target: string; readonly platform: string }>;

export type BuildProgress = {
  /** A line of bake's standard error. */
  line(text: string): void;
  /** What ended the build, as far as one thing did. */
  failure(): Failure;
  /** Each target that failed by itself, and was not only cancelled because of another. May be empty. */
  failures(): readonly TargetFailure[];
  /** Errors of cache exports, which fail no build. */
  cacheErrors(): readonly string[];
};

/** Told of each target that BuildKit has made and is sending just now, with the digest of its top manifest where it was said. */
export type ExportListener = (target: string, top?: Digest) => void;

const KEPT_LINES = 20;
const SAID_LINES = 40;

/**
 * Follows a build and prints it as `target | step` and `target |   output`, quiet enough to read: steps when they start,
 * their output live, how long the slow ones took; the plumbing only when it is slow or fails.
 */
export function followBuild(
  targets: readonly string[],
  print: (line: string) => void,
  parts: PartNames = new Map(),
  exported: ExportListener = () => undefined,
): BuildProgress {
  const vertexes = new Map<string, { vertex: Vertex; announced: boolean; tail: string[]; partial: string }>();
  const tops = new Map<string, { readonly digest: Digest; readonly isIndex: boolean }>();
  const said: string[] = [];
  // Equal steps of several targets are one vertex, which comes once for each of them.
  const failed: { readonly vertex: Vertex; readonly target: string; readonly step: string }[] = [];

  const stateOf = (vertex: Vertex) => {
    const state = vertexes.get(vertex.digest) ?? { vertex, announced: false, tail: [], partial: '' };
    state.vertex = vertex;
    vertexes.set(vertex.digest, state);
    return state;
  };
  const onVertex = (vertex: Vertex): void => {
    const state = stateOf(vertex);
    const { target, step } = splitName(vertex.name, targets, parts);
    const say = (text: string) => print(`${target} | ${text}`);
    if (vertex.started && !state.announced && !isPlumbing(step)) {
      state.announced = true;
      say(vertex.cached ? `${step} (cached)` : step);
    }
    if (vertex.error !== undefined) {
      if (!failed.some((other) => other.vertex.digest === vertex.digest && other.target === target))
        failed.push({ vertex, target, step });
      say(`${step} failed: ${firstLine(vertex.error)}`);
    } else if (vertex.seconds !== undefined) {
      if (!vertex.cached && vertex.seconds >= 1) say(`${step} took ${vertex.seconds.toFixed(1)} s`);
      if (/^exporting to oci image/.test(step)) exported(target, tops.get(vertex.digest)?.digest);
    }
  };
  const onLog = (digest: string, text: string): void => {
    const state = vertexes.get(digest);
    if (state === undefined) return;
    const { target } = splitName(state.vertex.name, targets, parts);
    const lines = (state.partial + text).split(/\r\n|\n|\r/);
    state.partial = lines.pop() ?? '';
    for (const line of lines) {
      state.tail.push(line);
      print(`${target} |   ${line}`);
    }
    state.tail.splice(0, state.tail.length - KEPT_LINES);
  };
  /** The index of an image is above its manifests, whichever is told first. */
  const onStatus = (vertex: string, id: string): void => {
    const [, list, text = ''] = /^exporting manifest (list )?(\S+)$/.exec(id) ?? [];
    const digest = parseDigest(text);
    if (digest !== undefined && (list !== undefined || tops.get(vertex)?.isIndex !== true))
      tops.set(vertex, { digest, isIndex: list !== undefined });
  };
  const take = (status: StatusLine): void => {
    if (status.kind === 'text') {
      if (status.text.trim() !== '') said.push(status.text);
      said.splice(0, said.length - SAID_LINES);
      return;
    }
    for (const { vertex, id } of status.statuses) onStatus(vertex, id);
    for (const vertex of status.vertexes) onVertex(vertex);
    for (const { vertex, text } of status.logs) onLog(vertex, text);
    for (const warning of status.warnings) print(`build | Warning: ${firstLine(warning)}`);
  };

  const outputOf = ({ digest }: Vertex): readonly string[] => {
    const state = vertexes.get(digest);
    return [...(state?.tail ?? []), ...(state?.partial ? [state.partial] : [])];
  };
  const lastWords = (): string | undefined =>
    said.findLast((line) => line.startsWith('ERROR: ')) ?? said.at(-1);
  const namedTarget = (): string | undefined => {
    const name = /^ERROR: target ([\w-]+): /.exec(lastWords() ?? '')?.[1];
    return parts.get(name ?? '')?.target ?? name;
  };
  const ownErrors = () => {
    const words = lastWords();
    const isConsequence = namedTarget() !== undefined && !isCancelled(words) && !isDisconnected(words);
    return failed.filter(
      ({ vertex: { error } }) => !isCancelled(error) && !(isConsequence && isDisconnected(error)),
    );
  };

  return {
    line: (text) => take(readProgressLine(text)),
    failure: () => {
      const last = lastWords();
      const ended = namedTarget() === undefined || isCancelled(last) ? failed[0] : undefined;
      const first = ownErrors()[0] ?? ended;
      const target = namedTarget() ?? first?.target ?? onlyOne(targets);
      return {
        error: first?.vertex.error ?? last?.replace(/^ERROR: (?:target [\w-]+: )?/, '') ?? 'no message',
        output: first === undefined ? [] : outputOf(first.vertex),
        said,
        ...(target === undefined ? {} : { target }),
        ...(first === undefined ? {} : { step: first.step }),
      };
    },
    failures: () => {
      const found = new Map<string, TargetFailure>();
      for (const { vertex, target, step } of ownErrors())
        if (targets.includes(target) && !found.has(target))
          found.set(target, { target, step, error: vertex.error ?? '', output: outputOf(vertex), said: [] });
      const named = namedTarget();
      const error = lastWords()?.replace(/^ERROR: target [\w-]+: /, '') ?? '';
      // A target without a step that failed: its Dockerfile is not there, or cannot be read.
      if (found.size === 0 && named !== undefined && targets.includes(named) && !isCancelled(error))
        found.set(named, { target: named, error, output: [], said });
      const [only] = [...found.values()];
      return only !== undefined && found.size === 1 ? [{ ...only, said }] : [...found.values()];
    },
    cacheErrors: () =>
      failed
        .filter(({ vertex }) => /exporting .*cache/.test(vertex.name))
        .map(({ vertex }) => firstLine(vertex.error ?? '')),
  };
}

/** It was ended because of another. */
function isCancelled(error = ''): boolean {
  return /context cancell?ed/i.test(error);
}

/** The connection to the builder is gone, as it is too when bake ends what it can still send files for. */
export function isDisconnected(error = ''): boolean {
  return /code = Unavailable|transport is closing|closing transport|error reading from server/i.test(error);
}

/**
 * BuildKit names a step `[target linux/arm64 stage 2/3] RUN …`; with one target the target's name is left out.
 * https://github.com/docker/buildx/blob/master/util/progress/multiwriter.go
 */
function splitName(
  name: string,
  targets: readonly string[],
  parts: PartNames,
): { readonly target: string; readonly step: string } {
  const only = onlyOne(targets);
  const match = /^\[([\w-]+)(?: ([^\]]*))?\] ?/.exec(name);
  const [prefix, word, rest] = [match?.[0] ?? '', match?.[1], match?.[2]];
  const step = name.slice(prefix.length);
  const part = parts.get(word ?? '');
  if (part !== undefined)
    return { target: part.target, step: `[${[part.platform, rest].filter(Boolean).join(' ')}] ${step}` };
  if (word === undefined || !targets.includes(word)) return { target: only ?? 'build', step: name };
  return { target: word, step: rest === undefined ? step : `[${rest}] ${step}` };
}

function onlyOne(targets: readonly string[]): string | undefined {
  return targets.length === 1 ? targets[0] : undefined;
}

const PLUMBING =
  /^(?:\[[^\]]*internal\] (?!load metadata|booting)|\[internal\] (?!load metadata|booting)|resolving provenance|exporting to |importing to )/;

function isPlumbing(step: string): boolean {
  return PLUMBING.test(step);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
