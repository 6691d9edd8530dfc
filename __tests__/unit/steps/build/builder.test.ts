import { describe, expect, it } from '@jest/globals';
import { chooseBuilder } from '../../../../src/steps/build/builder.ts';
import { type FakeExec, fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

type Shape = { driver?: string; endpoint?: string; platforms?: string; labels?: string; error?: string };

function inspected({
  driver = 'docker',
  endpoint = 'default',
  platforms = 'linux/amd64',
  labels = '',
  error,
}: Shape) {
  const fields = [
    'Name: b',
    `Endpoint: ${endpoint}`,
    ...(error === undefined
      ? ['Status: running', `Platforms: ${platforms}`, 'Labels:', labels]
      : [`Error: ${error}`]),
  ];
  return { stdout: `Name: b\nDriver: ${driver}\n\nNodes:\n${fields.join('\n')}\n` };
}

const CONTAINERD = ' org.mobyproject.buildkit.worker.containerd.namespace: moby';

function ports(shape: Shape, version = 'github.com/docker/buildx v0.29.1 abc') {
  const exec = fakeExec()
    .on('docker buildx version', { stdout: version })
    .on('docker buildx inspect', inspected(shape));
  return { exec, log: fakeLog() };
}

const infos = (exec: FakeExec) => exec.lines().filter((line) => line.includes(' info '));
const needs = { platforms: ['linux/amd64'], multiPlatform: false };

describe('the present builder', () => {
  it.each<[string, Shape]>([
    ['docker with the containerd image store', { labels: CONTAINERD }],
    ['docker-container', { driver: 'docker-container' }],
    ['remote', { driver: 'remote' }],
    ['kubernetes', { driver: 'kubernetes' }],
    ['a container that sleeps', { driver: 'docker-container', platforms: '' }],
  ])('is used: %s', async (_, shape) => {
    const world = ports(shape);
    const builder = await chooseBuilder({}, needs, world);
    expect(builder).toMatchObject({ name: 'b', buildx: '0.29.1' });
    expect(builder.create).toBeUndefined();
    expect(infos(world.exec)).toEqual([]);
  });

  it('is told to build each platform by itself where several nodes would make one image', async () => {
    const node = (name: string, platform: string) =>
      `Name: ${name}\nEndpoint: tcp://${name}\nStatus: running\nPlatforms: ${platform}*, linux/386\n`;
    const stdout = `Name: farm\nDriver: remote\n\nNodes:\n${node('a', 'linux/amd64')}\n${node('b', 'linux/arm64')}`;
    const exec = () =>
      fakeExec().on('docker buildx version', { stdout: 'v0.29.1' }).on('docker buildx inspect', { stdout });
    const both = { platforms: ['linux/amd64', 'linux/arm64'], multiPlatform: true };
    expect(await chooseBuilder({}, both, { exec: exec(), log: fakeLog() })).toMatchObject({ split: true });
    for (const single of [
      { ...both, multiPlatform: false },
      { platforms: ['linux/arm64'], multiPlatform: true },
    ])
      expect(await chooseBuilder({}, single, { exec: exec(), log: fakeLog() })).not.toHaveProperty('split');
  });

  it('is refused when a platform may be on the node alone that does not answer', async () => {
    const stdout =
      'Name: farm\nDriver: remote\n\nNodes:\nName: a\nStatus: running\nPlatforms: linux/amd64\n\nName: b\nError: connection refused\n';
    const world = () => ({
      exec: fakeExec()
        .on('docker buildx version', { stdout: 'v0.29.1' })
        .on('docker buildx inspect', { stdout }),
      log: fakeLog(),
    });
    const both = { platforms: ['linux/amd64', 'linux/arm64'], multiPlatform: true };
    await expect(chooseBuilder({}, both, world())).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      message:
        'the builder farm has no node for linux/arm64, and its node b does not answer: connection refused',
    });
    await expect(chooseBuilder({}, needs, world())).resolves.toMatchObject({ name: 'farm' });
  });

  it('is asked about its image store where its labels say nothing', async () => {
    const world = ports({ endpoint: 'desktop' });
    world.exec.on('docker --context desktop info', {
      stdout: '[["driver-type","io.containerd.snapshotter.v1"]]',
    });
    expect((await chooseBuilder({}, needs, world)).create).toBeUndefined();
    expect(infos(world.exec)).toHaveLength(1);
  });

  it('is replaced where it cannot export, by one of its own name and image', async () => {
    const make = async (builderImage?: string) => {
      const world = ports({});
      world.exec.on('docker info', { stdout: '[["Backing Filesystem","extfs"]]' });
      return chooseBuilder(builderImage === undefined ? {} : { builderImage }, needs, world);
    };
    const [one, two] = [await make(), await make('example.com/buildkit@sha256:x')];
    expect(one).toMatchObject({ driver: 'docker-container', platforms: ['linux/amd64'] });
    expect(one.name).not.toBe(two.name);
    expect(one.create?.image).toBeUndefined();
    expect(two.create?.image).toBe('example.com/buildkit@sha256:x');
  });

  it('is refused where it was named and cannot export', async () => {
    const world = ports({});
    world.exec.on('docker info', { stdout: 'null' });
    await expect(chooseBuilder({ builder: 'b' }, needs, world)).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      message: expect.stringContaining('the builder b cannot be used'),
    });
    expect(world.exec.lines()).toContain('docker buildx inspect -- b');
  });

  it('is refused when no node answers', async () => {
    const world = ports({ driver: 'remote', error: 'connection refused' });
    await expect(chooseBuilder({ builder: 'b' }, needs, world)).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      message: expect.stringContaining('connection refused'),
    });
  });

  it.each<[string, string, string[], boolean]>([
    ['misses a platform', 'linux/amd64', ['linux/amd64', 'linux/arm64'], true],
    ['has them all', 'linux/amd64, linux/arm64', ['linux/amd64', 'linux/arm64/v8'], false],
    ['does not run yet', '', ['linux/arm64'], false],
  ])('is said to need QEMU when it %s', async (_, platforms, wanted, told) => {
    const world = ports({ driver: 'docker-container', platforms });
    await chooseBuilder({}, { platforms: wanted, multiPlatform: true }, world);
    expect(world.log.lines.some((line) => line.includes('linux/arm64') && line.includes('QEMU'))).toBe(told);
  });
});

describe('docker and buildx', () => {
  it.each([
    ['0.19.3', 'github.com/docker/buildx v0.19.3 x'],
    ['0.9.0', 'github.com/docker/buildx 0.9.0'],
  ])('%s is too old', async (version, stdout) => {
    await expect(chooseBuilder({}, needs, ports({}, stdout))).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: `docker buildx 0.20 or newer is needed, found ${version}`,
    });
  });

  it.each([
    'github.com/docker/buildx v0.20.0 x',
    'github.com/docker/buildx v1.0.0-rc1 x',
    'buildx 0.29.1+ds1',
  ])('is new enough: %s', async (stdout) => {
    await expect(chooseBuilder({}, needs, ports({ labels: CONTAINERD }, stdout))).resolves.toBeDefined();
  });

  it('without the plugin says so', async () => {
    const exec = fakeExec().on(/./, { exitCode: 1, stderr: "docker: 'buildx' is not a docker command." });
    await expect(chooseBuilder({}, needs, { exec, log: fakeLog() })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: 'docker has no buildx plugin',
    });
  });

  it('without a daemon says so, with the address', async () => {
    const stdout =
      'Name: default\nDriver:\nError: Cannot connect to the Docker daemon at unix:///x. Is it running?\n';
    const exec = fakeExec()
      .on('docker buildx version', { stdout: 'v0.29.1' })
      .on('docker buildx inspect', { stdout });
    await expect(chooseBuilder({}, needs, { exec, log: fakeLog() })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining('unix:///x'),
    });
  });
});
