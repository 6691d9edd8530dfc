type Stage = {
  readonly name?: string;
  /** As it stands behind FROM. */
  readonly base: string;
  readonly platform?: string;
  /** The first RUN, as it is written. */
  readonly run?: string;
  /** What it copies or mounts from, by name or number. */
  readonly from: readonly string[];
};

export type StageOptions = {
  /** `target` of the bake file: the stage that is built; the last one unless told. */
  readonly target?: string;
  /** Names that stand for something else than they say: the named contexts of the bake file. */
  readonly replaced: ReadonlySet<string>;
};

/**
 * The first RUN that surely runs programs of the platform that is built for: in a stage that the built one needs, on a base
 * image of that platform. Undefined when there is none, or when that cannot be told from the text alone.
 * https://docs.docker.com/build/building/multi-platform/#cross-compilation
 */
export function runOnTarget(text: string, { target, replaced }: StageOptions): string | undefined {
  const instructions = instructionsOf(text);
  const stages = instructions === undefined ? [] : stagesOf(instructions);
  const find = (name: string, before: number): number =>
    replaced.has(name.toLowerCase())
      ? -1
      : stages.findLastIndex(
          (stage, i) => i < before && (stage.name === name.toLowerCase() || `${i}` === name),
        );
  const isOfTarget = (at: number): boolean => {
    const stage = stages[at];
    if (stage === undefined) return false;
    if (stage.platform !== undefined) return /^\$\{?TARGETPLATFORM\}?$/.test(stage.platform);
    const base = find(stage.base, at);
    if (base >= 0) return isOfTarget(base);
    // What runs in an empty image was copied into it, from anywhere; what a variable names may be a stage.
    return stage.base !== 'scratch' && !stage.base.includes('$') && !replaced.has(stage.base.toLowerCase());
  };
  const seen = new Set<number>();
  const search = (at: number): string | undefined => {
    const stage = stages[at];
    if (stage === undefined || seen.has(at)) return undefined;
    seen.add(at);
    const needed = [stage.base, ...stage.from].map((name) => find(name, at));
    return needed.map(search).find(Boolean) ?? (isOfTarget(at) ? stage.run : undefined);
  };
  return search(target === undefined ? stages.length - 1 : find(target, stages.length));
}

/** Logical lines; undefined where the text is in another syntax than Docker's own. */
function instructionsOf(text: string): readonly string[] | undefined {
  const directives = /^(?:#[^\n]*\n)*/.exec(text)?.[0] ?? '';
  if (/^#\s*escape\s*=/im.test(directives)) return undefined;
  const syntax = /^#\s*syntax\s*=\s*(\S+)/im.exec(directives)?.[1];
  if (syntax !== undefined && !/(?:^|\/)docker\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(syntax))
    return undefined;
  const found: string[] = [];
  let open = '';
  let ends: readonly string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [end] = ends;
    if (end !== undefined) {
      if (line.replace(/^\t+/, '') === end) ends = ends.slice(1);
      continue;
    }
    if (/^\s*(?:#|$)/.test(line)) continue;
    open += line.replace(/\\\s*$/, ' ');
    if (/\\\s*$/.test(line)) continue;
    ends = [...open.matchAll(/<<-?(["']?)([A-Za-z_]\w*)\1/g)].map(([, , word = '']) => word);
    found.push(open.trim());
    open = '';
  }
  return found;
}

function stagesOf(instructions: readonly string[]): readonly Stage[] {
  const stages: Stage[] = [];
  for (const instruction of instructions) {
    const from = /^FROM\s+(?:--platform=(\S+)\s+)?(\S+)(?:\s+AS\s+(\S+))?/i.exec(instruction);
    if (from !== null) {
      const [, platform, base = '', name] = from;
      stages.push({
        base,
        from: [],
        ...(platform === undefined ? {} : { platform: platform.replace(/^"(.*)"$/, '$1') }),
        ...(name === undefined ? {} : { name: name.toLowerCase() }),
      });
      continue;
    }
    const stage = stages.pop();
    if (stage === undefined) continue;
    const isRun = /^RUN\s/i.test(instruction);
    const others = [...instruction.matchAll(isRun ? /--mount=\S*?\bfrom=([^,\s]+)/gi : /--from=(\S+)/gi)];
    stages.push({
      ...stage,
      from: [...stage.from, ...others.map(([, name = '']) => name)],
      ...(isRun && stage.run === undefined ? { run: instruction } : {}),
    });
  }
  return stages;
}
