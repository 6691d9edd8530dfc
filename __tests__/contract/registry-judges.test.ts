import { type ExecFileOptions, execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Digest, digestOf } from '../../src/model/digest.ts';
import { type Encoded, MEDIA } from '../../src/model/manifest.ts';
import { type TestClient, testClient } from '../helpers/registry/client.ts';
import { type RegistryOptions, type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { createStage, type Stage } from '../helpers/registry/stage.ts';
import { TokenService } from '../helpers/registry/token-service.ts';
import { toolPath } from '../helpers/tool-path.ts';

const users = { robot: 'robot-password' };

/** The embedded registry is judged by the clients that everybody uses: what they can do with it, ours is tested on. */
const WAYS_IN: Readonly<Record<string, () => NonNullable<RegistryOptions['auth']> | undefined>> = {
  'open to all': () => undefined,
  'with basic auth': () => ({ kind: 'basic', users }),
  'with tokens': () => ({ kind: 'token', tokens: new TokenService({ users }) }),
};

describe.each(Object.entries(WAYS_IN))('the embedded registry %s, judged by', (_, auth) => {
  let registry: RunningRegistry;
  let stage: Stage;
  let folder: string;
  let layout: string;
  let image: Encoded;
  let client: TestClient;

  beforeAll(async () => {
    const way = auth();
    registry = await startRegistry(way === undefined ? {} : { auth: way });
    stage = await createStage();
    folder = await mkdtemp(join(tmpdir(), 'judges-'));
    const pair = Buffer.from(`robot:${users.robot}`).toString('base64');
    const auths = way === undefined ? {} : { [registry.host]: { auth: pair } };
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths }));
    image = await stage.image({ layers: [await stage.layer(300_000), await stage.layer(10)] });
    layout = await writeLayout(stage, image);
    client = testClient({
      credentials: [{ registry: registry.host, username: 'robot', password: users.robot }],
    });
  });

  afterAll(async () => {
    await registry.stop();
    await stage.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(tool: string, ...args: string[]): Promise<string> {
    const { HOME, PATH, DOCKER_HOST } = process.env;
    const env = {
      HOME,
      PATH,
      DOCKER_HOST,
      DOCKER_CONFIG: folder,
      REGISTRY_AUTH_FILE: join(folder, 'config.json'),
    };
    const options: ExecFileOptions = { cwd: folder, env, timeout: 60_000 };
    const { stdout } = await promisify(execFile)(toolPath(tool), args, options);
    return stdout.toString().trim();
  }

  async function tagged(path: string, tag: string): Promise<Digest | undefined> {
    return (await client.resolve({ repository: { registry: registry.host, path }, tag }))?.digest;
  }

  it('crane: push, digest, copy, lists, pull, delete', async () => {
    const ref = `${registry.host}/crane/app`;
    await run('crane', 'push', layout, `${ref}:v1`);
    expect(await run('crane', 'digest', `${ref}:v1`)).toBe(image.descriptor.digest);
    expect(await tagged('crane/app', 'v1')).toBe(image.descriptor.digest);
    await run('crane', 'copy', `${ref}:v1`, `${registry.host}/crane/copy:v2`);
    expect(await tagged('crane/copy', 'v2')).toBe(image.descriptor.digest);
    await run('crane', 'tag', `${ref}:v1`, 'latest');
    expect((await run('crane', 'ls', ref)).split('\n')).toEqual(['latest', 'v1']);
    expect((await run('crane', 'catalog', registry.host)).split('\n')).toEqual(
      expect.arrayContaining(['crane/app', 'crane/copy']),
    );
    await run('crane', 'pull', '--format=oci', `${ref}:v1`, 'pulled');
    expect((await readdir(join(folder, 'pulled/blobs/sha256'))).sort()).toEqual(
      (await readdir(join(layout, 'blobs/sha256'))).sort(),
    );
    await run('crane', 'validate', '--remote', `${ref}:v1`, '--fast');
    await run('crane', 'delete', `${ref}@${image.descriptor.digest}`);
    expect(await tagged('crane/app', 'v1')).toBeUndefined();
  });

  it('oras: push, attach, discover, pull, copy with referrers, delete', async () => {
    const ref = `${registry.host}/oras/artifact`;
    await writeFile(join(folder, 'note.txt'), 'a note');
    await writeFile(join(folder, 'sbom.json'), '{}');
    const plain = '--plain-http';
    await run(
      'oras',
      'push',
      plain,
      '--artifact-type',
      'application/x-note',
      `${ref}:v1`,
      'note.txt:text/plain',
    );
    await run('oras', 'attach', plain, '--artifact-type', 'application/x-sbom', `${ref}:v1`, 'sbom.json');
    const found = JSON.parse(await run('oras', 'discover', plain, '--format', 'json', `${ref}:v1`));
    expect(found).toMatchObject({ referrers: [{ artifactType: 'application/x-sbom' }] });
    await run('oras', 'pull', plain, '--output', 'oras-pulled', `${ref}:v1`);
    expect(await readFile(join(folder, 'oras-pulled/note.txt'), 'utf8')).toBe('a note');
    const flags = ['--from-plain-http', '--to-plain-http', '--recursive'];
    await run('oras', 'copy', ...flags, `${ref}:v1`, `${registry.host}/oras/copy:v1`);
    expect(await tagged('oras/copy', 'v1')).toBe(await tagged('oras/artifact', 'v1'));
    expect(registry.catalogue()['oras/copy']?.manifests).toHaveLength(2);
    await run('oras', 'manifest', 'delete', plain, '--force', `${ref}:v1`);
    expect(await tagged('oras/artifact', 'v1')).toBeUndefined();
  });

  it('skopeo: copy there and back, inspect, list', async () => {
    const copy = ['--insecure-policy', 'copy', '--preserve-digests'];
    const ref = `docker://${registry.host}/skopeo/app`;
    await run('skopeo', ...copy, '--dest-tls-verify=false', `oci:${layout}`, `${ref}:v1`);
    expect(await tagged('skopeo/app', 'v1')).toBe(image.descriptor.digest);
    const tags = JSON.parse(await run('skopeo', 'list-tags', '--tls-verify=false', ref));
    expect(tags.Tags).toEqual(['v1']);
    const raw = await run('skopeo', 'inspect', '--raw', '--tls-verify=false', `${ref}:v1`);
    expect(digestOf(raw)).toBe(image.descriptor.digest);
    await run(
      'skopeo',
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
      `${ref}:v1`,
      `oci:${folder}/back`,
    );
    expect(await readdir(join(folder, 'back/blobs/sha256'))).toHaveLength(4);
  });

  it('docker: push and pull', async () => {
    const ref = `${registry.host}/docker/app:v1`;
    const tar = join(folder, 'root.tar');
    await mkdir(join(folder, 'root'));
    await writeFile(join(folder, 'root/hello'), 'hello '.repeat(10_000));
    await run('tar', '-cf', tar, '-C', join(folder, 'root'), 'hello');
    try {
      await run('docker', 'import', tar, ref);
      await run('docker', 'push', '--quiet', ref);
      const digest = await tagged('docker/app', 'v1');
      expect(digest).toBeDefined();
      await run('docker', 'rmi', '--force', ref);
      await run('docker', 'pull', '--quiet', ref);
      const inspected = await run('docker', 'inspect', '--format', '{{json .RepoDigests}}', ref);
      expect(inspected).toContain(`${registry.host}/docker/app@${digest}`);
    } finally {
      await run('docker', 'rmi', '--force', ref);
    }
  });

  it('ours, reading what each of them wrote', async () => {
    for (const path of ['crane/copy', 'oras/copy', 'skopeo/app', 'docker/app']) {
      const repository = { registry: registry.host, path };
      const [tag = ''] = Object.keys(registry.catalogue()[path]?.tags ?? {});
      expect((await client.getManifest({ repository, tag }))?.descriptor).toEqual(
        await client.resolve({ repository, tag }),
      );
    }
  });
});

/** The stage as an OCI layout with one image. Returns its folder. */
async function writeLayout(stage: Stage, image: Encoded): Promise<string> {
  const index = { schemaVersion: 2, mediaType: MEDIA.ociIndex, manifests: [image.descriptor] };
  await writeFile(join(stage.store.root, 'index.json'), JSON.stringify(index));
  await writeFile(join(stage.store.root, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return stage.store.root;
}
