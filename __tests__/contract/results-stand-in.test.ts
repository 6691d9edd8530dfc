import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type ResultsEnv,
  type RunningResults,
  startResults,
} from '../helpers/results-service/results-service.ts';

let results: RunningResults;
beforeEach(async () => {
  results = await startResults();
});
afterEach(() => results.stop());

type Fields = Readonly<Record<string, unknown>>;
/** What the methods answer, each a part of it. */
type Answer = {
  readonly artifacts: readonly Fields[];
  readonly signed_upload_url: string;
  readonly signed_url: string;
};

function attemptOf({ ACTIONS_RUNTIME_TOKEN: token }: ResultsEnv): string {
  const { scp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return /Actions\.Results:([^:]+):/.exec(scp)?.[1] ?? '';
}

async function call(env: ResultsEnv, method: string, fields: Fields = {}) {
  const response = await fetch(
    `${results.url}/twirp/github.actions.results.api.v1.ArtifactService/${method}`,
    {
      method: 'POST',
      headers: { authorization: `Bearer ${env.ACTIONS_RUNTIME_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ workflow_run_backend_id: attemptOf(env), ...fields }),
    },
  );
  return { status: response.status, body: (await response.json()) as Answer };
}

const put = async (url: string, query: string, body: string): Promise<number> =>
  (await fetch(`${url}${query}`, { method: 'PUT', body })).status;

async function upload(env: ResultsEnv, name: string, text: string): Promise<void> {
  const { body } = await call(env, 'CreateArtifact', { name, version: 7 });
  expect(await put(body.signed_upload_url, '', text)).toBe(201);
  const size = String(Buffer.byteLength(text));
  expect(await call(env, 'FinalizeArtifact', { name, size })).toMatchObject({
    status: 200,
    body: { ok: true },
  });
}

describe('the stand-in of the results service', () => {
  it('puts blocks together in the order of their list', async () => {
    const env = results.attempt();
    const { body } = await call(env, 'CreateArtifact', { name: 'a' });
    expect(await put(body.signed_upload_url, '&comp=block&blockid=Mg%3D%3D', 'two')).toBe(201);
    expect(await put(body.signed_upload_url, '&comp=block&blockid=MQ%3D%3D', 'one ')).toBe(201);
    const list = '<BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>';
    expect(await put(body.signed_upload_url, '&comp=blocklist', list)).toBe(201);
    await call(env, 'FinalizeArtifact', { name: 'a', size: '7', hash: 'sha256:00' });
    const { body: signed } = await call(results.attempt(), 'GetSignedArtifactURL', {
      name: 'a',
      workflow_run_backend_id: attemptOf(env),
    });
    const response = await fetch(signed.signed_url);
    expect(await response.text()).toBe('one two');
    expect(response.headers.get('content-disposition')).toContain('filename="a.zip"');
    const { body: listed } = await call(env, 'ListArtifacts');
    expect(listed.artifacts).toMatchObject([
      { name: 'a', database_id: '1000', size: '7', digest: 'sha256:00' },
    ]);
  });

  it('takes a name once in an attempt, and shows all attempts of a run what is whole', async () => {
    const [first, second] = [results.attempt(), results.attempt()];
    await upload(first, 'a', 'of the first');
    expect(await call(first, 'CreateArtifact', { name: 'a' })).toMatchObject({
      status: 409,
      body: { code: 'already_exists' },
    });
    await upload(second, 'a', 'of the second');
    await call(second, 'CreateArtifact', { name: 'begun' });
    for (const env of [first, second, results.attempt()]) {
      const { body } = await call(env, 'ListArtifacts');
      expect(body.artifacts.map(({ name, database_id: id }: Fields) => [name, id])).toEqual([
        ['a', '1000'],
        ['a', '1001'],
      ]);
    }
    const { body } = await call(first, 'ListArtifacts', { id_filter: '1001' });
    expect(body.artifacts).toHaveLength(1);
    expect((await call(results.otherRun(), 'ListArtifacts')).body).toEqual({ artifacts: [] });
  });

  it('refuses strangers, unsigned addresses, and what cannot be', async () => {
    const env = results.attempt();
    const stranger = { ...env, ACTIONS_RUNTIME_TOKEN: `${env.ACTIONS_RUNTIME_TOKEN}x` };
    expect(await call(stranger, 'ListArtifacts')).toMatchObject({ status: 401 });
    const other = { workflow_run_backend_id: attemptOf(results.otherRun()) };
    expect(await call(env, 'ListArtifacts', other)).toMatchObject({ status: 403 });
    expect(await call(env, 'Nonsense')).toMatchObject({ status: 404, body: { code: 'bad_route' } });
    const { body } = await call(env, 'CreateArtifact', { name: 'a' });
    expect(await call(env, 'FinalizeArtifact', { name: 'a', size: '0' })).toMatchObject({ status: 412 });
    expect(await call(env, 'FinalizeArtifact', { name: 'b' })).toMatchObject({ status: 404 });
    expect(await call(env, 'GetSignedArtifactURL', { name: 'a' })).toMatchObject({ status: 404 });
    const forged = body.signed_upload_url.replace(/sig=.*/, 'sig=none');
    expect(await put(forged, '', 'x')).toBe(403);
    expect((await fetch(body.signed_upload_url)).status).toBe(403);
    const missing = '<BlockList><Latest>MQ==</Latest></BlockList>';
    expect(await put(body.signed_upload_url, '&comp=blocklist', missing)).toBe(400);
    await put(body.signed_upload_url, '', 'x');
    expect(await call(env, 'FinalizeArtifact', { name: 'a', size: '2' })).toMatchObject({ status: 400 });
  });
});
