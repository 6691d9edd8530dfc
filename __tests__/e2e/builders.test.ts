import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Buildkitd, startBuildkitd } from '../../scripts/setup/buildkitd.mjs';
import { startClassicDocker } from '../helpers/classic-docker.ts';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { pythonPackage } from '../helpers/vulnerable-layout.ts';
import { craneConfig, craneFiles } from './helpers/judges.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

function docker(...args: readonly string[]): string {
  return execFileSync(toolPath('docker'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

const NAME = `mr-e2e-${process.pid}`;
const NAMES = { remote: `${NAME}-remote`, container: `${NAME}-container`, two: `${NAME}-two` };

/** A parent whose files are made by a RUN step, a child of it, and an image of two platforms with a finding. */
function example() {
  const images = [
    'images:',
    '  base: { context: base }',
    '  app: { context: app, contexts: { base: "target:base" } }',
    '  web: { context: web, platforms: [linux/amd64, linux/arm64] }',
    '',
  ];
  return bench.checkout({
    [CONFIG]: images.join('\n'),
    'base/sh': readFileSync(toolPath('busybox')),
    'base/Dockerfile':
      'FROM scratch\nCOPY --chmod=755 sh /bin/sh\nRUN echo made > /made && echo $SOURCE_DATE_EPOCH > /epoch\n',
    'app/Dockerfile': 'FROM base\nCOPY etc/ /etc/\nENV MODE=live\nUSER 1000\nENTRYPOINT ["/bin/sh"]\n',
    'app/etc/app.conf': 'answer = 42\n',
    ...contextOf({ ...pythonPackage('urllib3', '1.26.0'), 'srv/index.html': '<h1>hello</h1>\n' }, 'web'),
  });
}

const PLATFORMS = {
  base: ['linux/amd64'],
  app: ['linux/amd64'],
  web: ['linux/amd64', 'linux/arm64'],
} as const;

/** What must not depend on the builder: files, configs, tags, platforms, findings. */
async function whatUsersGet(run: ActionRun) {
  const images: readonly {
    readonly name: keyof typeof PLATFORMS;
    readonly ref: string;
    readonly tags: readonly string[];
    readonly platforms: readonly { readonly platform: string }[];
    readonly findings: unknown;
  }[] = JSON.parse(run.outputs.images ?? '[]');
  const { gate } = JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8'));
  return Promise.all(
    images.map(async ({ name, ref, tags, platforms, findings }) => ({
      name,
      findings,
      passed: gate.verdict.passed,
      tags: tags.map((tag) => tag.slice(tag.lastIndexOf(':') + 1)),
      platforms: platforms.map(({ platform }) => platform),
      contents: await Promise.all(
        PLATFORMS[name].map(async (platform) => {
          // The layers' own digests are the builder's.
          const { rootfs: _, ...config }: Readonly<Record<string, unknown>> = {
            ...(await craneConfig(ref, platform)),
          };
          return { config, files: [...(await craneFiles(ref, platform))] };
        }),
      ),
    })),
  );
}

describe('every kind of builder', () => {
  let buildkitd: Buildkitd;
  beforeAll(async () => {
    buildkitd = await startBuildkitd();
    docker('buildx', 'create', '--name', NAMES.remote, '--driver', 'remote', buildkitd.addr);
    docker('buildx', 'create', '--name', NAMES.container, '--driver', 'docker-container', '--bootstrap');
  });
  afterAll(async () => {
    for (const name of [NAMES.remote, NAMES.container]) docker('buildx', 'rm', '--force', name);
    await buildkitd.stop();
  });

  it('gives the same files, configs, tags and verdicts', async () => {
    const checkout = example();
    const got = [];
    for (const builder of ['default', NAMES.remote, NAMES.container]) {
      const run = await bench.run(checkout, { builder, namespace: builder });
      expect([builder, run.outputs.status]).toEqual([builder, 'released']);
      got.push(await whatUsersGet(run));
      // One that was there stays.
      expect(docker('buildx', 'ls', '--format', '{{.Name}}')).toContain(builder);
    }
    const [docked, remote, container] = got;
    expect(docked).toMatchObject([
      { name: 'base', platforms: ['linux/amd64'], findings: { medium: 0 } },
      { name: 'app', tags: ['1.2.3', `sha-${checkout.sha}`] },
      { name: 'web', platforms: ['linux/amd64', 'linux/arm64'], findings: { medium: 1 } },
    ]);
    expect(Object.fromEntries(docked?.[1]?.contents[0]?.files ?? [])).toMatchObject({
      'etc/app.conf': Buffer.from('answer = 42\n'),
      made: Buffer.from('made\n'),
    });
    expect(remote).toEqual(docked);
    expect(container).toEqual(docked);
  }, 600_000);
});

describe('a builder that cannot export', () => {
  it('is replaced by one that the post step removes', async () => {
    const classic = await startClassicDocker();
    try {
      // This machine's daemon can; whoever asks about it hears of another one, which cannot, as on hosted runners.
      const path = join(bench.folder('path'), 'docker');
      const lie = `case "$1 $2" in "buildx inspect"|"info "*) DOCKER_HOST="${classic.host}"; export DOCKER_HOST;; esac`;
      writeFileSync(path, `#!/bin/sh\n${lie}\nexec "${toolPath('docker')}" "$@"\n`);
      chmodSync(path, 0o755);
      const seen: string[] = [];
      const run = await bench.run(
        bench.checkout(contextOf({ 'etc/motd': 'hello\n' })),
        { platforms: 'linux/amd64,linux/arm64' },
        {
          env: { PATH: `${join(path, '..')}:${process.env.PATH}` },
          onLine: (line) => {
            if (line.includes('COPY rootfs/')) seen.push(docker('buildx', 'ls', '--format', '{{.Name}}'));
          },
        },
      );
      expect(run.outputs.status).toBe('released');
      const name = /Creating the builder (module-release-\w+), because .*containerd image store/.exec(
        run.log,
      )?.[1];
      expect(name).toBeDefined();
      expect(seen[0]).toContain(name);
      expect(run.post?.log).toContain(`Removed the builder ${name}.`);
      expect(docker('buildx', 'ls', '--format', '{{.Name}}')).not.toContain(name);
      expect(docker('ps', '--all', '--format', '{{.Names}}')).not.toContain(name);
    } finally {
      await classic.stop();
    }
  });

  it('or does not exist is one clear error when it was named', async () => {
    const checkout = bench.checkout(contextOf({ 'etc/motd': 'hello\n' }));
    const ways = [
      { inputs: { builder: 'no-such-builder' }, env: {} },
      { inputs: {}, env: { BUILDX_BUILDER: 'no-such-builder' } },
    ];
    for (const { inputs, env } of ways) {
      const run = await bench.run(checkout, inputs, { env });
      expect(run.outputs['error-code']).toBe('BUILDER_UNFIT');
      expect(annotationsOf(run.log)).toMatchObject([
        {
          level: 'error',
          text: expect.stringMatching(/builder .*no.such.builder[\s\S]*\nCheck `docker buildx ls`/),
        },
      ]);
      expect(contentOf(bench.registry)).toEqual({});
    }
  });
});

describe('a builder with a node for each platform', () => {
  it('builds each platform on its node, into the same images', async () => {
    const nodes = [await startBuildkitd(), await startBuildkitd()] as const;
    const create = ['buildx', 'create', '--name', NAMES.two, '--driver', 'remote', '--platform'];
    try {
      docker(...create, 'linux/amd64', nodes[0].addr);
      docker(...create, 'linux/arm64', '--append', nodes[1].addr);
      const checkout = example();
      const alone = await bench.run(checkout, { builder: 'default', namespace: 'alone' });
      const run = await bench.run(checkout, { builder: NAMES.two });
      expect(run.outputs).toMatchObject({ status: 'released', 'error-code': '' });
      expect(await whatUsersGet(run)).toEqual(await whatUsersGet(alone));
      expect(run.log).toContain('web | [linux/arm64 1/1] COPY rootfs/ /');
      // What each node holds: a step of one platform, and RUN of the other image on the first alone.
      const held = nodes.map(({ addr }) =>
        execFileSync(toolPath('buildctl'), ['--addr', addr, 'du', '--verbose'], { encoding: 'utf8' }),
      );
      expect(held[0]).toContain('echo made');
      expect(held[1]).toContain('COPY rootfs/ /');
      expect(held[1]).not.toContain('echo made');
      // Single platforms go to the node that has them.
      const one = bench.checkout(contextOf({ 'etc/motd': 'hello\n' }));
      const released = await bench.run(one, { builder: NAMES.two, platforms: 'linux/arm64' });
      expect(released.outputs.status).toBe('released');
    } finally {
      docker('buildx', 'rm', '--force', NAMES.two);
      for (const node of nodes) await node.stop();
    }
  });
});
