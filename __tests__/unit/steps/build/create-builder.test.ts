import { describe, expect, it } from '@jest/globals';
import type { Builder } from '../../../../src/steps/build/builder.ts';
import { ensureBuilder, removeBuilder } from '../../../../src/steps/build/create-builder.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';

const builder: Builder = {
  name: 'module-release-1',
  driver: 'docker-container',
  buildx: '0.29.1',
  platforms: [],
  create: { reason: 'docker cannot export', image: 'mirror.example.com/buildkit:v1' },
};

function world() {
  const order: string[] = [];
  const sleeps: number[] = [];
  const exec = fakeExec();
  const ports = {
    exec,
    log: fakeLog(),
    state: { save: (key: string, value: string) => void order.push(`${key}=${value}`) },
    clock: {
      now: () => new Date(0),
      elapsed: () => 0,
      sleep: async (milliseconds: number) => void sleeps.push(milliseconds),
    },
  };
  return { exec, ports, order, sleeps };
}

describe('the builder of a run', () => {
  it('is known to the post step before it exists', async () => {
    const { exec, ports, order } = world();
    exec.on('docker buildx create', () => {
      order.push('create');
      return {};
    });
    await ensureBuilder(builder, ports);
    expect(order).toEqual(['builder=module-release-1', 'create']);
    expect(exec.lines()).toEqual([
      'docker buildx create --name module-release-1 --driver docker-container --driver-opt image=mirror.example.com/buildkit:v1 --bootstrap',
    ]);
  });

  it('is left alone when it is there already', async () => {
    const { exec, ports, order } = world();
    const { create: _, ...present } = builder;
    await ensureBuilder(present, ports);
    expect([...order, ...exec.lines()]).toEqual([]);
  });

  it('is started again after a failure, with longer pauses, and cleaned up between', async () => {
    const { exec, ports, sleeps } = world();
    let failures = 2;
    exec
      .on('docker buildx create', () => {
        failures -= 1;
        return failures < 0 ? {} : { exitCode: 1, stderr: '#1 booting\nERROR: toomanyrequests: slow down\n' };
      })
      .on('docker buildx rm --force module-release-1', {});
    await ensureBuilder(builder, ports);
    expect(exec.lines().map((line) => line.split(' ')[2])).toEqual([
      'create',
      'rm',
      'create',
      'rm',
      'create',
    ]);
    expect(sleeps).toHaveLength(2);
    expect(sleeps[1]).toBeGreaterThan(sleeps[0]!);
  });

  it('fails after three starts, naming why', async () => {
    const { exec, ports } = world();
    exec
      .on('docker buildx create', { exitCode: 1, stderr: 'ERROR: pull access denied\n' })
      .on('docker buildx rm', {});
    await expect(ensureBuilder(builder, ports)).rejects.toMatchObject({
      code: 'BUILDER_UNFIT',
      message: 'a docker-container builder could not be started: pull access denied',
    });
    expect(exec.lines().filter((line) => line.includes(' create '))).toHaveLength(3);
  });

  it('fails at once without a daemon', async () => {
    const { exec, ports, sleeps } = world();
    exec
      .on('docker buildx create', {
        exitCode: 1,
        stderr: 'ERROR: Cannot connect to the Docker daemon at unix:///x.',
      })
      .on('docker buildx rm', {});
    await expect(ensureBuilder(builder, ports)).rejects.toMatchObject({ code: 'TOOL_MISSING' });
    expect(sleeps).toEqual([]);
  });

  it('is removed without asking, and nobody minds when it is gone', async () => {
    const { exec, ports } = world();
    exec.on('docker buildx rm --force module-release-1', { exitCode: 1, stderr: 'ERROR: no builder found' });
    await expect(removeBuilder('module-release-1', ports)).resolves.toBeUndefined();
  });
});
