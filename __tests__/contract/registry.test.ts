import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Descriptor } from '../../src/model/descriptor.ts';
import { digestOf } from '../../src/model/digest.ts';
import { decodeManifest, type Encoded } from '../../src/model/manifest.ts';
import type { Repository } from '../../src/model/reference.ts';
import { BACKENDS, type Backend } from '../helpers/registry/backends.ts';
import { type TestClient, testClient } from '../helpers/registry/client.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';

const NOWHERE = digestOf('nowhere');
let stage: Stage;
let folder: string;
let count = 0;

beforeAll(async () => {
  stage = await createStage();
  folder = await mkdtemp(join(tmpdir(), 'pulled-'));
});

afterAll(async () => {
  await stage.remove();
  await rm(folder, { recursive: true, force: true });
});

describe.each(Object.entries(BACKENDS))('the registry client and %s', (_, start) => {
  let backend: Backend;
  let client: TestClient;
  let repository: Repository;

  beforeAll(async () => {
    backend = await start();
  });

  afterAll(() => backend.stop());

  beforeEach(() => {
    client = testClient({ credentials: backend.credentials });
    repository = fresh();
  });

  function fresh(): Repository {
    count += 1;
    return { registry: backend.host, path: `acme/team/app-${count}` };
  }

  async function pushBlobs(image: Encoded, to = repository): Promise<void> {
    for (const blob of blobsOf(image)) await client.pushBlob(to, blob, stage.path(blob), []);
  }

  it('uploads a blob once, and finds it there afterwards, also in another run', async () => {
    const blob = await stage.layer(3_000_000);
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('existing');
    const another = testClient({ credentials: backend.credentials });
    expect(await another.pushBlob(repository, blob, stage.path(blob), [])).toBe('existing');
  });

  it('uploads an empty blob', async () => {
    const blob = await stage.blob('');
    expect(await client.pushBlob(repository, blob, stage.path(blob), [])).toBe('uploaded');
    await client.pullBlob(repository, blob, join(folder, 'empty'));
    expect(await readFile(join(folder, 'empty'))).toHaveLength(0);
  });

  it('sends the same blob once when it is asked for many times at once', async () => {
    const blob = await stage.layer();
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map(() => client.pushBlob(repository, blob, stage.path(blob), [])),
    );
    expect(outcomes).toEqual(['uploaded', 'existing', 'existing', 'existing']);
  });

  it('mounts a blob from another repository, and uploads it when it is not there', async () => {
    const blob = await stage.layer();
    await client.pushBlob(repository, blob, stage.path(blob), []);
    expect(await client.pushBlob(fresh(), blob, stage.path(blob), [repository])).toBe('mounted');
    const missing = await stage.layer();
    const target = fresh();
    expect(await client.pushBlob(target, missing, stage.path(missing), [repository])).toBe('uploaded');
    await client.pullBlob(target, missing, join(folder, 'mounted'));
    expect(digestOf(await readFile(join(folder, 'mounted')))).toBe(missing.digest);
  });

  it('refuses to upload a file that is not the blob', async () => {
    const [blob, other] = [await stage.layer(500), await stage.layer(500)];
    const push = client.pushBlob(repository, blob, stage.path(other), []);
    await expect(push).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('pulls a blob as it was pushed', async () => {
    const blob = await stage.layer(2_000_000);
    await client.pushBlob(repository, blob, stage.path(blob), []);
    const path = join(folder, 'deep', 'er', 'blob');
    await client.pullBlob(repository, blob, path);
    expect(digestOf(await readFile(path))).toBe(blob.digest);
    expect(await readdir(join(folder, 'deep', 'er'))).toEqual(['blob']);
  });

  it('says that a blob which is not there is not there', async () => {
    const absent = { mediaType: 'x/y', digest: NOWHERE, size: 7 };
    const pull = client.pullBlob(repository, absent, join(folder, 'absent'));
    await expect(pull).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' });
    expect(await readdir(folder)).not.toContain('absent');
  });

  it('writes manifests by digest and by tag, and reads the very bytes back', async () => {
    const image = await stage.image({ annotations: { a: 'ä "quoted" \n' } });
    await pushBlobs(image);
    const { digest } = image.descriptor;
    await client.putManifest({ repository, digest }, image);
    expect(await client.resolve({ repository, tag: 'v1' })).toBeUndefined();
    await client.putManifest({ repository, tag: 'v1' }, image);
    for (const ref of [
      { repository, digest },
      { repository, tag: 'v1' },
    ]) {
      expect(await client.resolve(ref)).toEqual(image.descriptor);
      expect(await client.getManifest(ref)).toEqual({ ...image, bytes: Buffer.from(image.bytes) });
    }
  });

  it('moves a tag, and leaves what it pointed at readable by digest', async () => {
    const [first, second] = [await stage.image(), await stage.image()];
    await pushBlobs(first);
    await pushBlobs(second);
    await client.putManifest({ repository, tag: 'latest' }, first);
    await client.putManifest({ repository, tag: 'latest' }, second);
    expect((await client.resolve({ repository, tag: 'latest' }))?.digest).toBe(second.descriptor.digest);
    const { digest } = first.descriptor;
    expect(await client.resolve({ repository, digest })).toEqual(first.descriptor);
  });

  it('writes an index after its members', async () => {
    const member = await stage.image();
    const index = await stage.index([
      { ...member.descriptor, platform: { os: 'linux', architecture: 'arm64' } },
    ]);
    await pushBlobs(member);
    await client.putManifest({ repository, digest: member.descriptor.digest }, member);
    await client.putManifest({ repository, digest: index.descriptor.digest }, index);
    const read = await client.getManifest({ repository, digest: index.descriptor.digest });
    expect(read?.descriptor).toEqual(index.descriptor);
  });

  it('finds nothing where there is nothing, whether repository or reference', async () => {
    expect(await client.resolve({ repository, tag: 'none' })).toBeUndefined();
    expect(await client.getManifest({ repository, digest: NOWHERE })).toBeUndefined();
    const image = await stage.image();
    await pushBlobs(image);
    expect(await client.resolve({ repository, tag: 'none' })).toBeUndefined();
    expect(await client.getManifest({ repository, tag: 'none' })).toBeUndefined();
    expect(await client.resolve({ repository, digest: NOWHERE })).toBeUndefined();
  });

  it('refuses a manifest for another digest before it is sent', async () => {
    const image = await stage.image();
    const put = client.putManifest({ repository, digest: NOWHERE }, image);
    await expect(put).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  it('gives up on a manifest whose blobs the registry does not have, in the words of the registry', async () => {
    const image = await stage.image();
    const put = client.putManifest({ repository, tag: 'v1' }, image);
    await expect(put).rejects.toMatchObject({
      code: expect.stringMatching(/^REGISTRY_/),
      message: expect.stringContaining('MANIFEST_BLOB_UNKNOWN'),
    });
    expect(await client.resolve({ repository, tag: 'v1' })).toBeUndefined();
  });

  it.each([true, false])(
    'confirms the right to push (probe: %s) and leaves nothing behind',
    async (probe) => {
      await expect(client.checkPush(repository, probe)).resolves.toBeUndefined();
      expect(await client.resolve({ repository, tag: 'latest' })).toBeUndefined();
    },
  );

  it('says that a wrong password is wrong, and never shows it', async () => {
    if (backend.credentials.length === 0) {
      await expect(testClient().checkPush(repository, true)).resolves.toBeUndefined();
      return;
    }
    const password = 'not-the-password';
    const wrong = testClient({
      credentials: backend.credentials.map((given) => ({ ...given, password })),
    });
    const blob = await stage.layer();
    const failures = await Promise.all(
      [
        wrong.checkPush(repository, true),
        wrong.checkPush(repository, false),
        wrong.resolve({ repository, tag: 'v1' }),
        wrong.pushBlob(repository, blob, stage.path(blob), []),
      ].map((attempt) => attempt.then(() => undefined).catch((error) => error)),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'REGISTRY_LOGIN', hint: expect.stringContaining('the inputs') });
      expect(`${failure.message} ${failure.hint} ${failure.cause}`).not.toContain(password);
    }
  });

  it('says that credentials are missing where nobody may come in without', async () => {
    const anonymous = testClient();
    const check = anonymous.checkPush(repository, true);
    if (backend.credentials.length === 0) await expect(check).resolves.toBeUndefined();
    else
      await expect(check).rejects.toMatchObject({
        code: 'REGISTRY_LOGIN',
        hint: expect.stringContaining('No credentials were found'),
      });
  });
});

function blobsOf(image: Encoded): readonly Descriptor[] {
  const manifest = decodeManifest(image.bytes);
  return manifest.kind === 'manifest' ? [manifest.config, ...manifest.layers] : [];
}
