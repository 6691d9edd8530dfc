import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../src/model/digest.ts';
import type { Registry } from '../../src/ports/registry.ts';
import { imageManifest, pushImages } from '../helpers/promote/images.ts';
import { BACKENDS, type Backend } from '../helpers/registry/backends.ts';
import { testClient } from '../helpers/registry/client.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';

const VERSIONS = ['1', '2', '3'];
const [ONE, TWO, THREE] = VERSIONS.map((version) => imageManifest('app-1', version));
const free = async (): Promise<void> => undefined;

if (ONE === undefined || TWO === undefined || THREE === undefined) throw new Error('three versions');

describe.each(Object.keys(BACKENDS))('the tags of %s', (name) => {
  let backend: Backend;
  let client: Registry;
  const tagOf = (tag: string) => ({ repository: { registry: backend.host, path: 'tags/app-1' }, tag });

  beforeAll(async () => {
    const start = BACKENDS[name];
    if (start === undefined) throw new Error(`no backend: ${name}`);
    backend = await start();
    client = testClient({ credentials: backend.credentials });
    await pushImages({ host: backend.host, prefix: 'tags', count: 1 }, VERSIONS, client);
  });

  afterAll(() => backend.stop());

  it('move from what they were seen at, and from nothing else', async () => {
    const tag = tagOf('moved');
    expect(await client.moveTag(tag, ONE, undefined, free)).toEqual({ outcome: 'moved' });
    expect(await client.moveTag(tag, ONE, undefined, free)).toEqual({ outcome: 'unchanged' });
    expect(await client.moveTag(tag, TWO, ONE.descriptor.digest, free)).toEqual({ outcome: 'moved' });
    expect(await client.moveTag(tag, THREE, ONE.descriptor.digest, free)).toEqual({
      outcome: 'taken',
      present: TWO.descriptor.digest,
    });
    expect(await client.moveTag(tagOf('absent'), ONE, digestOf('other'), free)).toEqual({
      outcome: 'taken',
    });
    expect((await client.resolve(tag))?.digest).toBe(TWO.descriptor.digest);
  });

  it('go without what they point at, or stay where the registry deletes none', async () => {
    const [gone, stays] = [tagOf('gone'), tagOf('stays')];
    await client.putManifest(gone, THREE);
    await client.putManifest(stays, THREE);
    const isDeleted = await client.deleteTag(gone);
    expect((await client.resolve(gone)) === undefined).toBe(isDeleted);
    expect((await client.resolve(stays))?.digest).toBe(THREE.descriptor.digest);
  });
});

describe('a tag that is moved through trouble', () => {
  let registry: RunningRegistry;
  const tag = () => ({ repository: { registry: registry.host, path: 'tags/app-1' }, tag: 'moved' });

  beforeAll(async () => {
    registry = await startRegistry();
    await pushImages({ host: registry.host, prefix: 'tags', count: 1 }, VERSIONS, testClient());
  });

  afterAll(() => registry.stop());

  it('costs three requests', async () => {
    const client = testClient();
    await client.resolve(tag());
    const before = registry.requests.length;
    await client.moveTag(tag(), ONE, undefined, free);
    expect(registry.requests.slice(before).map(({ method }) => method)).toEqual(['HEAD', 'PUT', 'HEAD']);
  });

  it('is not written again when only the answer was lost', async () => {
    const when = { method: 'PUT', path: /moved$/ };
    registry.faults.add({ when, effect: { do: 'mute' } });
    const before = registry.requests.length;
    expect(await testClient().moveTag(tag(), TWO, ONE.descriptor.digest, free)).toEqual({ outcome: 'moved' });
    expect(registry.requests.slice(before).filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  it('is asked for before each write, and ends with what that throws', async () => {
    let asked = 0;
    registry.faults.add({ when: { method: 'PUT' }, times: 3, effect: { do: 'answer', status: 503 } });
    const mayWrite = async (): Promise<void> => {
      asked += 1;
      if (asked === 3) throw new Error('no more');
    };
    await expect(testClient().moveTag(tag(), THREE, TWO.descriptor.digest, mayWrite)).rejects.toThrow(
      'no more',
    );
    expect(asked).toBe(3);
    registry.faults.clear();
  });

  it('is waited for where the registry shows for a moment what was there', async () => {
    registry.faults.hideWrites(2);
    expect(await testClient().moveTag(tag(), THREE, TWO.descriptor.digest, free)).toEqual({
      outcome: 'moved',
    });
    registry.faults.clear();
  });
});

it('a blob of another registry is copied, also when a connection ends on the way', async () => {
  const [here, there] = [await startRegistry(), await startRegistry()];
  const client = testClient();
  const bytes = new Uint8Array(3_000_000).fill(7);
  const blob = { mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength };
  const from = { registry: here.host, path: 'a/b' };
  const to = { registry: there.host, path: 'c/d' };
  await client.putBlob(from, { descriptor: blob, bytes });
  here.faults.add({ when: { method: 'GET' }, effect: { do: 'truncate', bytes: 1_000_000 } });
  there.faults.add({ when: { method: 'PUT' }, skip: 1, effect: { do: 'drop', afterBytes: 500_000 } });
  expect(await client.copyBlob(from, to, blob)).toBe('uploaded');
  expect(digestOf(await client.readBlob(to, blob, 4e6))).toBe(blob.digest);
  expect(await testClient().copyBlob(from, to, blob)).toBe('existing');
  expect(await testClient().copyBlob(from, { ...from, path: 'e/f' }, blob)).toBe('mounted');
  await here.stop();
  await there.stop();
});
