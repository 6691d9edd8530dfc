import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ArtifactsBench, artifactsBench, filesOf } from '../helpers/artifacts-bench.ts';
import type { Fault } from '../helpers/registry/faults.ts';

let bench: ArtifactsBench;

beforeEach(async () => {
  bench = await artifactsBench();
});
afterEach(() => bench.dispose());

const FILES = { 'handoff.json': '{"a":1}', 'blobs/one': 'one' };
const answer = (status: number, body: unknown = {}) =>
  ({ do: 'answer', status, body: JSON.stringify(body) }) as const;
const CREATE = { method: 'POST', path: /\/CreateArtifact$/ };
const FINALIZE = { method: 'POST', path: /\/FinalizeArtifact$/ };
const LIST = { method: 'POST', path: /\/ListArtifacts$/ };
const SIGN = { method: 'POST', path: /\/GetSignedArtifactURL$/ };
const BLOCK = { method: 'PUT', path: /comp=block(?:&|$)/ };
const BLOCK_LIST = { method: 'PUT', path: /comp=blocklist/ };
const BLOB = { method: 'GET', path: /^\/blobs\// };

describe('a service with troubles that pass', () => {
  it.each<[string, readonly Fault[]]>([
    ['is overloaded when an artifact is made', [{ when: CREATE, effect: answer(503) }]],
    ['asks to come back later', [{ when: CREATE, effect: answer(429) }]],
    ['makes an artifact and does not answer', [{ when: CREATE, effect: { do: 'mute' } }]],
    ['cuts the connection during an upload', [{ when: BLOCK, effect: { do: 'drop' } }]],
    ['cannot store a block', [{ when: BLOCK, effect: answer(503) }]],
    ['asks to store a block later', [{ when: BLOCK, effect: answer(429) }]],
    ['cannot put the blocks together', [{ when: BLOCK_LIST, effect: answer(500) }]],
    ['finishes an upload and does not answer', [{ when: FINALIZE, effect: { do: 'mute' } }]],
    ['does not list', [{ when: LIST, effect: { do: 'drop' } }]],
    ['is overloaded when a list is asked for', [{ when: LIST, effect: answer(502) }]],
    ['is overloaded when an address is asked for', [{ when: SIGN, effect: answer(500) }]],
    ['gives a part of the bytes', [{ when: BLOB, effect: { do: 'truncate', bytes: 100 } }]],
    ['does not give the bytes', [{ when: BLOB, effect: answer(503) }]],
  ])('%s', async (_name, faults) => {
    for (const fault of faults) bench.results.faults.add(fault);
    const job = bench.job();
    const uploaded = await job.upload('handoff', bench.folder('up', FILES));
    const found = await job.list('handoff');
    expect(found).toEqual([uploaded]);
    await job.download(uploaded, join(bench.root, 'down'));
    expect(filesOf(join(bench.root, 'down'))).toEqual(FILES);
    expect(bench.results.faults.pending).toEqual([]);
  });
});

describe('an upload that fails', () => {
  it.each<[string, Fault, RegExp]>([
    [
      'in its first request, for want of a right',
      { when: CREATE, effect: answer(403, { code: 'permission_denied', msg: 'no right' }) },
      /the artifact handoff cannot be uploaded: .*403.*no right/,
    ],
    [
      'for want of space',
      {
        when: CREATE,
        effect: answer(403, {
          code: 'resource_exhausted',
          msg: 'insufficient usage to create artifact',
        }),
      },
      /the artifact handoff cannot be uploaded: .*quota has been hit/,
    ],
    [
      'in its last request',
      { when: FINALIZE, effect: answer(403, { code: 'permission_denied', msg: 'no right' }) },
      /the artifact handoff cannot be uploaded: .*403.*no right/,
    ],
    [
      'each time',
      { when: BLOCK_LIST, times: 99, effect: answer(403) },
      /the artifact handoff cannot be uploaded: /,
    ],
  ])('%s: nobody sees anything of it', async (_name, fault, message) => {
    bench.results.faults.add(fault);
    const job = bench.job();
    await expect(job.upload('handoff', bench.folder('up', FILES))).rejects.toMatchObject({
      code: 'ARTIFACT_UNAVAILABLE',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/re-run/i),
    });
    expect(await job.list('')).toEqual([]);
    expect(bench.results.artifacts.filter(({ size }) => size !== undefined)).toEqual([]);
  });

  it('is refused by a service that knows the token no more, and is not asked for again', async () => {
    const [head, body] = bench.results.attempt().ACTIONS_RUNTIME_TOKEN.split('.');
    const job = bench.job({ ...bench.results.attempt(), ACTIONS_RUNTIME_TOKEN: `${head}.${body}.none` });
    await expect(job.upload('handoff', bench.folder('up', FILES))).rejects.toThrow(/401.*bad token/);
    await expect(job.list('')).rejects.toThrow(/the artifacts of this run cannot be listed.*401/);
    expect(bench.results.requests.map(({ status }) => status)).toEqual([401, 401]);
  });

  it('is not even tried at a GitHub Enterprise Server: it has no such service', async () => {
    const { GITHUB_SERVER_URL: before } = process.env;
    process.env.GITHUB_SERVER_URL = 'https://github.acme.example';
    try {
      await expect(bench.job().upload('handoff', bench.folder('up', FILES))).rejects.toMatchObject({
        message: expect.stringContaining('not currently supported on GHES'),
        hint: expect.stringContaining('in one job'),
      });
    } finally {
      if (before === undefined) delete process.env.GITHUB_SERVER_URL;
      else process.env.GITHUB_SERVER_URL = before;
    }
    expect(bench.results.requests).toEqual([]);
  });

  it('is told in one line by a service that says many, and what it says is nobody’s command', async () => {
    bench.results.faults.add({
      when: LIST,
      effect: answer(400, { msg: 'first\n::error::second' }),
    });
    await expect(bench.job().list('handoff')).rejects.toMatchObject({
      message: expect.stringMatching(/^[^\n]*first$/),
    });
  });
});

describe('a download that fails', () => {
  it('brings other bytes than the service tells: nothing of them is used', async () => {
    const job = bench.job();
    const artifact = await job.upload('handoff', bench.folder('up', FILES));
    bench.results.faults.add({ when: BLOB, effect: { do: 'corrupt' } });
    await expect(job.download(artifact, join(bench.root, 'down'))).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringContaining(`the digest that the service tells: ${artifact.digest}`),
    });
    expect(readdirSync(bench.root)).toEqual(['up']);
    await job.download(artifact, join(bench.root, 'down'));
    expect(filesOf(join(bench.root, 'down'))).toEqual(FILES);
  });

  it('finds an artifact that has expired: it is named', async () => {
    const job = bench.job();
    await expect(
      job.download({ name: 'handoff-a', id: 7, size: 1 }, join(bench.root, 'down')),
    ).rejects.toMatchObject({
      code: 'ARTIFACT_UNAVAILABLE',
      message: expect.stringContaining('the artifact handoff-a cannot be downloaded: No artifacts found'),
    });
    expect(bench.results.requests).toHaveLength(1);
    expect(readdirSync(bench.root)).toEqual([]);
  });

  it('has no room on the disk, and does not begin', async () => {
    const job = bench.job();
    const artifact = await job.upload('handoff', bench.folder('up', FILES));
    const before = bench.results.requests.length;
    await expect(
      job.download({ ...artifact, size: 2 ** 52 }, join(bench.root, 'down')),
    ).rejects.toMatchObject({ code: 'DISK_LOW', message: expect.stringContaining('handoff') });
    expect(bench.results.requests).toHaveLength(before);
  });
});
