/**
 * `node promote-worker.ts raw|ours|whole HOST COUNT VERSION`: moves the tag `prod` of COUNT images to a version, in a process
 * of its own. `raw`: the requests alone; `ours`: the commit phase, with the manifests at hand in both; `whole`: with
 * claim, journal, record and the document of all channels. Prints milliseconds.
 */

import { Agent, request } from 'node:http';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { createFiles } from '../../src/adapters/files/local.ts';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import { mapLimit } from '../../src/model/concurrency.ts';
import type { Digest } from '../../src/model/digest.ts';
import type { Ports } from '../../src/ports/index.ts';
import { moveTags, readManifest, TAGS_AT_ONCE } from '../../src/steps/promote/commit.ts';
import { channelHome, promote, readChannel } from '../../src/steps/promote/run.ts';
import { imageDigest, itemOf, repositoryOf, TAG } from './promote-images.ts';
import { QUIET_LOG as log } from './quiet-log.ts';

const [mode = '', host = '', count = '', version = ''] = process.argv.slice(2);
const names = Array.from({ length: Number(count) }, (_, at) => `app-${at + 1}`);

const outside = {
  log,
  exec: createExec(),
  clock: createClock(),
  files: createFiles({ save: () => undefined }),
};

const milliseconds = mode === 'raw' ? await raw() : await ours();
console.log(JSON.stringify({ milliseconds }));
process.exit(0);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function ours(): Promise<number> {
  const registry = createRegistry({ ...outside, credentials: [], insecure: [] });
  const ports = { ...outside, registry };
  if (mode === 'whole') return timed(() => whole(ports));
  const moves = names.map((image) => ({
    image,
    ref: { repository: repositoryOf(host, image), tag: TAG },
    to: imageDigest(image, version),
  }));
  const manifests = new Map(
    await mapLimit(moves, TAGS_AT_ONCE, async ({ ref, to }) => {
      return [to, await readManifest(ref.repository, to, ports)] as const;
    }),
  );
  const from = imageDigestBefore();
  const known = moves.map((move) => ({ ...move, from: from(move.image) }));
  return timed(() => moveTags(known, manifests, async () => undefined, ports));
}

/** The benchmark moves to and fro between two versions. */
function imageDigestBefore(): (image: string) => Digest {
  return (image) => imageDigest(image, version === '1.0.0' ? '1.1.0' : '1.0.0');
}

async function whole(ports: Pick<Ports, 'registry' | 'clock' | 'log'>): Promise<void> {
  const home = channelHome(TAG, repositoryOf(host, 'app-1'));
  const run = { id: '1', attempt: 1, url: 'https://github.com/acme/app/actions/runs/1' };
  await promote(
    {
      channel: TAG,
      kind: 'promote',
      base: await readChannel(TAG, home, ports),
      isBaseProven: false,
      tags: [{ tag: TAG, rule: 'channel' }],
      items: names.map((image) => itemOf(host, image, version)),
      artifacts: [],
      version,
      immutableTag: version,
      revision: 'a'.repeat(40),
      evidence: 'unattested',
      actor: 'octocat',
      run,
      history: 50,
      signature: 'unsigned',
      time: ports.clock.now(),
    },
    ports,
  );
}

/** The same requests by nothing but Node: HEAD, PUT, HEAD for each image, over eight connections that stay open. */
async function raw(): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: TAGS_AT_ONCE });
  const send = (method: string, path: string, type?: string, body?: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const headers = {
        accept: 'application/vnd.oci.image.manifest.v1+json',
        ...(type === undefined ? {} : { 'content-type': type, 'content-length': String(body?.length ?? 0) }),
      };
      const call = request(`http://${host}${path}`, { method, agent, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(Buffer.concat(chunks)));
      });
      call.on('error', reject);
      call.end(body);
    });
  const bytes = await mapLimit(names, TAGS_AT_ONCE, (image) =>
    send('GET', `/v2/bench/${image}/manifests/${imageDigest(image, version)}`),
  );
  const move = async (image: string, at: number): Promise<void> => {
    const tag = `/v2/bench/${image}/manifests/${TAG}`;
    await send('HEAD', tag);
    await send('PUT', tag, 'application/vnd.oci.image.manifest.v1+json', bytes[at]);
    await send('HEAD', tag);
  };
  return timed(() => mapLimit(names, TAGS_AT_ONCE, move));
}
