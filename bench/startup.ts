/** How long a user waits to hear that an input is wrong, as a multiple of starting Node at all; and what is downloaded. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from '../__tests__/helpers/run-action.ts';
import { measure } from './support/command.ts';
import type { BenchOptions, Report } from './support/part.ts';
import { median, megabytes } from './support/stats.ts';

const RUNS = 25;
const TARGET = 1.5;
const DIST = join(ROOT, 'dist');

/** What a runner sets, without the files that it collects; PATH leads to no tool. */
const ENVIRONMENT = {
  PATH: '',
  HOME: '/nonexistent',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'octocat',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: 'refs/tags/v1.2.3',
  GITHUB_REPOSITORY: 'acme/modules',
  GITHUB_RUN_ID: '4242',
  GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
  GITHUB_WORKSPACE: ROOT,
};

export async function run({ runs = RUNS, say }: BenchOptions): Promise<Report> {
  const post = existsSync(join(DIST, 'post/index.js'));
  const starts = [
    { what: '`node -e 0`', args: ['-e', '0'], env: {}, says: /^$/, exitCode: 0 },
    {
      what: 'the action, to its first input error',
      args: [join(DIST, 'index.js')],
      env: { INPUT_COMMAND: 'relaese' },
      says: /INPUT_INVALID/,
      exitCode: 1,
    },
    ...(post
      ? [
          {
            what: 'its post step, with nothing to do',
            args: [join(DIST, 'post/index.js')],
            env: {},
            says: /^/,
            exitCode: 0,
          },
        ]
      : []),
  ].map((start) => ({ ...start, times: [] as number[] }));

  say(`Each of ${starts.length} programs is started ${runs} times, one after the other.`);
  for (let i = 0; i <= runs; i += 1) {
    for (const { args, env, says, exitCode, times } of starts) {
      const result = await measure(process.execPath, args, { env: { ...ENVIRONMENT, ...env } });
      if (result.exitCode !== exitCode || !says.test(result.output))
        throw new Error(`exit ${result.exitCode} of node ${args.join(' ')}\n${result.output}`);
      // The first round fills the page cache.
      if (i > 0) times.push(result.milliseconds);
    }
  }

  const floor = median(starts[0]!.times);
  const ratio = median(starts[1]!.times) / floor;
  const { bytes, gzipped, first } = bundleSizes();
  return {
    title: 'Start-up',
    text: `What a user waits to hear that an input is wrong: ${runs} starts each, taken in turns.`,
    table: {
      head: ['', 'median ms', 'min ms', '× `node -e 0`'],
      rows: starts.map(({ what, times }) => [
        what,
        median(times).toFixed(1),
        Math.min(...times).toFixed(1),
        (median(times) / floor).toFixed(2),
      ]),
    },
    notes: [
      `Target: at most ${TARGET} × \`node -e 0\`; measured: ${ratio.toFixed(2)} ×, ${ratio <= TARGET ? 'met' : 'missed'}.`,
      `The JavaScript in \`dist/\`: ${megabytes(bytes)} MB, gzipped ${megabytes(gzipped)} MB. Loaded before the door: ${megabytes(first)} MB; the rest only when it is needed.`,
    ],
  };
}

function bundleSizes(): { readonly bytes: number; readonly gzipped: number; readonly first: number } {
  const files = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.[cm]?js$/.test(path),
  );
  const contents = files.map((path) => readFileSync(join(DIST, path)));
  return {
    bytes: contents.reduce((sum, { byteLength }) => sum + byteLength, 0),
    gzipped: contents.reduce((sum, content) => sum + gzipSync(content).byteLength, 0),
    first: readFileSync(join(DIST, 'index.js')).byteLength,
  };
}
