export type BuilderNode = {
  readonly name: string;
  /** For the docker driver the name of a docker context. */
  readonly endpoint: string;
  readonly status: string;
  /** `linux/amd64`, `linux/arm64`; empty when the node is not running. */
  readonly platforms: readonly string[];
  /** Those of them that the user set by hand. */
  readonly chosen: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly buildkit?: string;
  readonly error?: string;
};

export type InspectedBuilder = {
  readonly name: string;
  /** Empty when docker could not be asked. */
  readonly driver: string;
  readonly nodes: readonly BuilderNode[];
  readonly error?: string;
};

/**
 * The text of `docker buildx inspect`, which has no machine-readable form: `Key: value` lines, a list of nodes, and
 * labels set in by one space. https://docs.docker.com/reference/cli/docker/buildx/inspect/
 */
export function parseInspect(text: string): InspectedBuilder | undefined {
  const [head = '', ...rest] = text.split(/^Nodes:$/m);
  const builder = fieldsOf(head);
  const { Name: name } = builder;
  if (name === undefined) return undefined;
  const blocks = rest
    .join('')
    .split(/^(?=Name:)/m)
    .filter((block) => block.startsWith('Name:'));
  return {
    name,
    driver: builder.Driver ?? '',
    nodes: blocks.map(parseNode),
    ...(builder.Error === undefined ? {} : { error: builder.Error }),
  };
}

function parseNode(block: string): BuilderNode {
  const fields = fieldsOf(block);
  const buildkit = fields['BuildKit version'];
  const platforms = (fields.Platforms ?? '')
    .split(',')
    .map((platform) => platform.trim())
    .filter((platform) => platform !== '');
  return {
    name: fields.Name ?? '',
    endpoint: fields.Endpoint ?? '',
    status: fields.Status ?? '',
    // A star marks what the user set by hand.
    platforms: platforms.map((platform) => platform.replace(/\*$/, '')),
    chosen: platforms.flatMap((platform) => (platform.endsWith('*') ? [platform.slice(0, -1)] : [])),
    labels: labelsOf(block),
    ...(buildkit === undefined ? {} : { buildkit }),
    ...(fields.Error === undefined ? {} : { error: fields.Error }),
  };
}

function fieldsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/^([A-Z][\w ]*):[ \t]*(\S.*)$/gm)].map(([, key = '', value = '']) => [
      key,
      value.trim(),
    ]),
  );
}

function labelsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/^ ([\w./-]+):[ \t]+(\S.*)$/gm)].map(([, key = '', value = '']) => [key, value.trim()]),
  );
}
