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

export type BuildProgress = {
  /** A line of bake's standard error. */
  line(text: string): void;
  failure(): Failure;
  /** Errors of cache exports, which fail no build. */
  cacheErrors(): readonly string[];
};

const KEPT_LINES = 20;
const SAID_LINES = 40;

/**
 * Follows a build and prints it as `target | step` and `target |   output`, quiet enough to read: steps when they start,
 * their output live, how long the slow ones took; the plumbing only when it is slow or fails.
 */
export function followBuild(targets: readonly string[], print: (line: string) => void): BuildProgress {
  const vertexes = new Map<string, { vertex: Vertex; announced: boolean; tail: string[]; partial: string }>();
  const said: string[] = [];
  const failed: Vertex[] = [];

  const stateOf = (vertex: Vertex) => {
    const state = vertexes.get(vertex.digest) ?? { vertex, announced: false, tail: [], partial: '' };
    state.vertex = vertex;
    vertexes.set(vertex.digest, state);
    return state;
  };
  const onVertex = (vertex: Vertex): void => {
    const state = stateOf(vertex);
    const { target, step } = splitName(vertex.name, targets);
    const say = (text: string) => print(`${target} | ${text}`);
    if (vertex.started && !state.announced && !isPlumbing(step)) {
      state.announced = true;
      say(vertex.cached ? `${step} (cached)` : step);
    }
    if (vertex.error !== undefined) {
      if (!failed.some((other) => other.digest === vertex.digest)) failed.push(vertex);
      say(`${step} failed: ${firstLine(vertex.error)}`);
    } else if (vertex.seconds !== undefined && !vertex.cached && vertex.seconds >= 1) {
      say(`${step} took ${vertex.seconds.toFixed(1)} s`);
    }
  };
  const onLog = (digest: string, text: string): void => {
    const state = vertexes.get(digest);
    if (state === undefined) return;
    const { target } = splitName(state.vertex.name, targets);
    const lines = (state.partial + text).split(/\r\n|\n|\r/);
    state.partial = lines.pop() ?? '';
    for (const line of lines) {
      state.tail.push(line);
      print(`${target} |   ${line}`);
    }
    state.tail.splice(0, state.tail.length - KEPT_LINES);
  };
  const take = (status: StatusLine): void => {
    if (status.kind === 'text') {
      if (status.text.trim() !== '') said.push(status.text);
      said.splice(0, said.length - SAID_LINES);
      return;
    }
    for (const vertex of status.vertexes) onVertex(vertex);
    for (const { vertex, text } of status.logs) onLog(vertex, text);
    for (const warning of status.warnings) print(`build | Warning: ${firstLine(warning)}`);
  };

  return {
    line: (text) => take(readProgressLine(text)),
    failure: () => {
      // The others were cancelled because of the first.
      const first = failed.find(({ error = '' }) => !/context cancell?ed/i.test(error)) ?? failed[0];
      const last = said.findLast((line) => line.startsWith('ERROR: ')) ?? said.at(-1);
      const state = first === undefined ? undefined : vertexes.get(first.digest);
      const name = first === undefined ? undefined : splitName(first.name, targets);
      const target = /^ERROR: target ([\w-]+): /.exec(last ?? '')?.[1] ?? name?.target ?? onlyOne(targets);
      const output = [...(state?.tail ?? []), ...(state?.partial ? [state.partial] : [])];
      return {
        error: first?.error ?? last?.replace(/^ERROR: (?:target [\w-]+: )?/, '') ?? 'no message',
        output,
        said,
        ...(target === undefined ? {} : { target }),
        ...(name === undefined ? {} : { step: name.step }),
      };
    },
    cacheErrors: () =>
      failed.filter(({ name }) => /exporting .*cache/.test(name)).map(({ error = '' }) => firstLine(error)),
  };
}

/**
 * BuildKit names a step `[target linux/arm64 stage 2/3] RUN …`; with one target the target's name is left out.
 * https://github.com/docker/buildx/blob/master/util/progress/multiwriter.go
 */
function splitName(
  name: string,
  targets: readonly string[],
): { readonly target: string; readonly step: string } {
  const only = onlyOne(targets);
  const match = /^\[([\w-]+)(?: ([^\]]*))?\] ?/.exec(name);
  const [prefix, word, rest] = [match?.[0] ?? '', match?.[1], match?.[2]];
  if (word === undefined || !targets.includes(word)) return { target: only ?? 'build', step: name };
  const step = name.slice(prefix.length);
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
