import { afterEach, describe, expect, it } from '@jest/globals';
import { createGitHub } from '../../../../src/adapters/github/github.ts';
import { createHttp } from '../../../../src/adapters/http/http.ts';
import { digestOf } from '../../../../src/model/digest.ts';
import { aSigned } from '../../../helpers/a-signed.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import {
  type RunningStore,
  type StoreOptions,
  startGitHubStore,
} from '../../../helpers/github-store/github-store.ts';

const REPOSITORY = 'Acme/Modules';
const POST = { method: 'POST' };

let store: RunningStore | undefined;
afterEach(() => store?.stop());

async function open(options: StoreOptions = {}, token?: string) {
  store = await startGitHubStore(options);
  const waits: number[] = [];
  const clock = {
    now: () => new Date(),
    elapsed: () => 0,
    sleep: async (milliseconds: number) => void waits.push(milliseconds),
  };
  const log = fakeLog();
  const http = createHttp({ clock, log, env: {}, retry: { firstDelayMs: 10, maxDelayMs: 20, totalMs: 100 } });
  const serverUrl = 'https://github.example.com/';
  const github = createGitHub({ apiUrl: `${store.url}/`, serverUrl, http, log, token: token ?? store.token });
  return { running: store, github, waits };
}

describe.each([
  ['bundles by address', {}],
  ['bundles in the list', { inline: true }],
  ['one on each page', { pageSize: 1 }],
])("GitHub's store with %s", (_, options) => {
  it('takes a bundle, and gives it back for its subject', async () => {
    const { github, running } = await open(options);
    const [first, second] = [aSigned(), aSigned({ kind: 'scan' })];
    expect(await github.hasAttestation(REPOSITORY, first.subject, first.bundle)).toBe(false);
    const url = await github.storeAttestation(REPOSITORY, first.bundle);
    await github.storeAttestation(REPOSITORY, second.bundle);
    expect(url).toBe('https://github.example.com/Acme/Modules/attestations/9000001');
    expect(running.stored(REPOSITORY)[0]?.bundle).toEqual(JSON.parse(Buffer.from(first.bundle).toString()));
    for (const { subject, bundle } of [first, second])
      expect(await github.hasAttestation(REPOSITORY, subject, bundle)).toBe(true);
    expect(await github.hasAttestation(REPOSITORY, digestOf('another'), first.bundle)).toBe(false);
    expect(await github.hasAttestation(REPOSITORY, first.subject, aSigned().bundle)).toBe(false);
  });

  it('another signature over the same payload is another bundle', async () => {
    const { github, running } = await open(options);
    const { subject, bundle } = aSigned();
    const forged = JSON.parse(Buffer.from(bundle).toString());
    forged.dsseEnvelope.signatures[0].sig = 'AAAA';
    running.plant(REPOSITORY, subject, forged);
    running.plant(REPOSITORY, subject, { not: 'a bundle' });
    expect(await github.hasAttestation(REPOSITORY, subject, bundle)).toBe(false);
  });
});

it("a bundle's address never gets the token", async () => {
  const { github, running } = await open();
  const { subject, bundle } = aSigned();
  await github.storeAttestation(REPOSITORY, bundle);
  await github.hasAttestation(REPOSITORY, subject, bundle);
  const [, listing, blob] = running.requests;
  expect(listing).toMatchObject({
    line: expect.stringMatching(/^GET \/repos/),
    authorization: 'Bearer ghs_store',
  });
  expect(blob).toMatchObject({
    line: expect.stringMatching(/^GET \/blobs/),
    authorization: undefined,
    status: 200,
  });
});

describe('what goes wrong', () => {
  it.each<[string, StoreOptions, string | undefined, RegExp, RegExp]>([
    [
      'the permission is missing',
      { permission: 'read' },
      undefined,
      /403 Resource not accessible/,
      /attestations: write/,
    ],
    [
      'the plan has no store',
      { repositories: { [REPOSITORY]: { id: 1, available: false } } },
      undefined,
      /422 Feature not available/,
      /Enterprise Cloud/,
    ],
    ['there is no such repository', { repositories: {} }, undefined, /404/, /attestations: write/],
    ['the token is wrong', {}, 'ghs_wrong', /401 Bad credentials/, /github-token/],
  ])('%s: said with what to do', async (_, options, token, message, hint) => {
    const { github } = await open(options, token);
    const error = await github.storeAttestation(REPOSITORY, aSigned().bundle).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'GITHUB_REFUSED', message: expect.stringMatching(message) });
    expect(error.hint).toMatch(hint);
    expect(`${error.message} ${error.hint}`).not.toContain('ghs_');
  });

  it.each([429, 500, 502, 503])('%i twice: tried again', async (status) => {
    const { github, running, waits } = await open();
    running.faults.add({ when: POST, times: 2, effect: { do: 'answer', status } });
    const { bundle } = aSigned();
    await expect(github.storeAttestation(REPOSITORY, bundle)).resolves.toContain('/attestations/');
    expect(waits).toHaveLength(2);
    expect(running.stored(REPOSITORY)).toHaveLength(1);
  });

  it('an answer without an id is not taken for success', async () => {
    const { github, running } = await open();
    running.faults.add({ when: POST, effect: { do: 'answer', status: 201, body: '{"id":"../../x"}' } });
    await expect(github.storeAttestation(REPOSITORY, aSigned().bundle)).rejects.toMatchObject({
      code: 'GITHUB_REFUSED',
    });
  });

  it('too many requests: to be tried later, no permission is missing', async () => {
    const { github, running } = await open();
    const body = '{"message":"You have exceeded a secondary rate limit."}';
    running.faults.add({ when: POST, effect: { do: 'answer', status: 403, body } });
    await expect(github.storeAttestation(REPOSITORY, aSigned().bundle)).rejects.toMatchObject({
      hint: expect.stringContaining('later'),
    });
  });

  it('a list that cannot be had is an error, not an absence', async () => {
    const { github } = await open({ permission: 'none' });
    const { subject, bundle } = aSigned();
    await expect(github.hasAttestation(REPOSITORY, subject, bundle)).rejects.toMatchObject({
      code: 'GITHUB_REFUSED',
    });
  });

  it('without a token nothing is asked', async () => {
    const http = { exchange: () => Promise.reject(new Error('asked')) };
    const github = createGitHub({
      apiUrl: 'https://api.github.com',
      serverUrl: 'https://github.com',
      http,
      log: fakeLog(),
    });
    await expect(github.storeAttestation(REPOSITORY, aSigned().bundle)).rejects.toMatchObject({
      code: 'GITHUB_REFUSED',
      message: expect.stringContaining('no token'),
    });
  });
});
