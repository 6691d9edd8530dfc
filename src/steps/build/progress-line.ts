import * as z from 'zod/mini';

/**
 * One line of `--progress rawjson`: a SolveStatus of BuildKit's client, of which we need these fields.
 * https://github.com/moby/buildkit/blob/master/client/graph.go
 */
const statusSchema = z.object({
  vertexes: z.optional(
    z.array(
      z.object({
        digest: z.string(),
        name: z.optional(z.string()),
        started: z.optional(z.string()),
        completed: z.optional(z.string()),
        cached: z.optional(z.boolean()),
        error: z.optional(z.string()),
      }),
    ),
  ),
  statuses: z.optional(z.array(z.object({ id: z.string(), vertex: z.string() }))),
  logs: z.optional(z.array(z.object({ vertex: z.string(), data: z.string() }))),
  warnings: z.optional(z.nullable(z.array(z.object({ short: z.optional(z.string()) })))),
});

export type Vertex = {
  readonly digest: string;
  readonly name: string;
  readonly started: boolean;
  /** Seconds; undefined while it runs. */
  readonly seconds?: number;
  readonly cached: boolean;
  readonly error?: string;
};

export type StatusLine =
  | {
      readonly kind: 'status';
      readonly vertexes: readonly Vertex[];
      /** What a vertex is at: `exporting manifest sha256:…`. */
      readonly statuses: readonly { readonly vertex: string; readonly id: string }[];
      readonly logs: readonly { readonly vertex: string; readonly text: string }[];
      /** Texts of the Dockerfile checks and alike. */
      readonly warnings: readonly string[];
    }
  /** What buildx itself says around the JSON: the excerpt of a Dockerfile, `ERROR: …`. */
  | { readonly kind: 'text'; readonly text: string };

export function readProgressLine(line: string): StatusLine {
  const parsed = line.startsWith('{') ? statusSchema.safeParse(tryJson(line)) : undefined;
  if (parsed?.success !== true) return { kind: 'text', text: line };
  const { vertexes = [], statuses = [], logs = [], warnings } = parsed.data;
  return {
    kind: 'status',
    vertexes: vertexes.map(toVertex),
    statuses,
    logs: logs.map(({ vertex, data }) => ({ vertex, text: Buffer.from(data, 'base64').toString('utf8') })),
    warnings: (warnings ?? []).flatMap(({ short }) =>
      short === undefined ? [] : [Buffer.from(short, 'base64').toString('utf8')],
    ),
  };
}

type RawVertex = NonNullable<z.infer<typeof statusSchema>['vertexes']>[number];

function toVertex(raw: RawVertex): Vertex {
  const { started, completed, error } = raw;
  const seconds =
    started === undefined || completed === undefined
      ? Number.NaN
      : (Date.parse(completed) - Date.parse(started)) / 1000;
  return {
    digest: raw.digest,
    name: oneLine(raw.name ?? ''),
    started: started !== undefined,
    cached: raw.cached === true,
    ...(Number.isNaN(seconds) ? {} : { seconds }),
    ...(error === undefined || error === '' ? {} : { error }),
  };
}

const NAME_LIMIT = 200;

/** Here-documents make names of many lines. */
function oneLine(name: string): string {
  const line = name.replace(/\s+/g, ' ').trim();
  return line.length <= NAME_LIMIT ? line : `${line.slice(0, NAME_LIMIT)}…`;
}

function tryJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
