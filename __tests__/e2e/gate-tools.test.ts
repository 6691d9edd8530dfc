import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { publishDatabase } from '../../scripts/demo/database.ts';
import { contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { nodePackage, pythonPackage } from '../helpers/vulnerable-layout.ts';

const USERS = { robot: 'robot-password-of-the-registry' };

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

const CLEAN = { ...pythonPackage('requests', '2.32.5'), ...nodePackage('htm', '3.1.1') };

/** Without the prepared cache, so that the database has to be fetched. */
const FETCHED = { 'trivy-cache-dir': '' };

describe('the vulnerability database', () => {
  it('is fetched from a registry, from the second one when the first is down', async () => {
    const mirror = await startRegistry();
    try {
      const database = await publishDatabase(mirror.host);
      const down = '127.0.0.1:9/acme/trivy-db:2';
      const run = await bench.run(bench.checkout(contextOf(pythonPackage('PyYAML', '5.3'))), {
        ...FETCHED,
        'trivy-db-repository': `${down},${database}`,
      });
      expect(run.outputs['error-code']).toBe('GATE_FINDINGS');
      expect(run.log).toContain(`The vulnerability database could not be had from ${down}`);
      expect(run.log).toMatch(new RegExp(`The vulnerability database of \\S+ comes from ${database}\\.`));
      const record = JSON.parse(readFileSync(run.outputs.record ?? '', 'utf8'));
      expect(record.gate.scanner.database).toMatchObject({ source: database });
    } finally {
      await mirror.stop();
    }
  });

  it('is trouble of its own when it cannot be had: no word on findings, and nothing leaves', async () => {
    const run = await bench.run(bench.checkout(contextOf(pythonPackage('PyYAML', '5.3'))), {
      ...FETCHED,
      'trivy-db-repository': `127.0.0.1:9/acme/trivy-db:2,${bench.registry.host}/other/trivy-db:2`,
    });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'SCAN_DB_UNAVAILABLE' });
    const errors = annotationsOf(run.log).filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      {
        title: 'SCAN_DB_UNAVAILABLE',
        text: expect.stringMatching(/acme\/trivy-db[\s\S]*other\/trivy-db[\s\S]*add a mirror/),
      },
    ]);
    expect(run.summary).not.toMatch(/GATE_|CVE-/);
    expect(contentOf(bench.registry)).toEqual({});
    expect(writesOf(bench.registry.requests)).toEqual([]);
  });
});

describe('SBOMs', () => {
  it('are made by Syft in both formats when asked for', async () => {
    const run = await bench.run(bench.checkout(contextOf(CLEAN)), {
      sbom: 'both',
      'sbom-generator': 'syft',
    });
    expect(run.outputs.status).toBe('released');
    const [cyclonedx, spdx] = (run.outputs['sbom-path'] ?? '')
      .split('\n')
      .map((path) => JSON.parse(readFileSync(path, 'utf8')));
    const name = `${bench.registry.host}/acme/modules`;
    expect(cyclonedx.metadata).toMatchObject({
      component: { name, version: run.outputs.digest },
      tools: { components: [{ name: 'syft' }] },
    });
    expect(spdx).toMatchObject({ name, spdxVersion: 'SPDX-2.3' });
    for (const sbom of [cyclonedx, spdx]) {
      expect(JSON.stringify(sbom)).toMatch(/requests.*2\.32\.5/);
      expect(JSON.stringify(sbom)).toMatch(/htm.*3\.1\.1/);
    }
  });
});

describe('the scanners', () => {
  it('come from their paths, and see no secret in their environment', async () => {
    const secured = await startRegistry({ auth: { kind: 'basic', users: USERS } });
    try {
      const dumps = bench.folder('dumps');
      const secrets = {
        'github-token': 'ghs_token-of-the-job',
        password: USERS.robot,
        secrets: 'npm=secret-of-the-build',
      };
      const env = {
        ACTIONS_RUNTIME_TOKEN: 'runtime-token-of-the-runner',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'identity-token-of-the-runner',
        AWS_SECRET_ACCESS_KEY: 'key-of-the-cloud',
        GITHUB_TOKEN: 'token-of-the-workflow',
        NPM_TOKEN: 'token-of-npm',
      };
      const run = await bench.run(
        bench.checkout(contextOf(CLEAN)),
        {
          registry: secured.host,
          username: 'robot',
          ...secrets,
          'trivy-path': dumping('trivy', dumps),
          'syft-path': dumping('syft', dumps),
          'sbom-generator': 'syft',
        },
        { env },
      );
      expect(run.outputs.status).toBe('released');
      expect(run.log).toContain('comes from trivy-path.');
      expect(run.log).toContain('comes from syft-path.');
      const seen = readdirSync(dumps).map((file) => readFileSync(join(dumps, file), 'utf8'));
      // Version and work of each.
      expect(seen.length).toBeGreaterThanOrEqual(4);
      for (const dump of seen) {
        expect(dump).toContain('PATH=');
        expect(dump).not.toMatch(/^(?:INPUT|ACTIONS|GITHUB|RUNNER|STATE|AWS|NPM|MODULE_RELEASE)_/m);
        for (const value of [...Object.values(secrets), ...Object.values(env), 'secret-of-the-build'])
          expect(dump).not.toContain(value);
      }
    } finally {
      await secured.stop();
    }
  });

  it('are one clear error when they are absent and `offline` forbids a download', async () => {
    const run = await bench.run(
      bench.checkout(contextOf(CLEAN)),
      { offline: 'true' },
      { env: { PATH: pathOf(['docker', 'git', 'tar']) } },
    );
    expect(run.exitCode).toBe(1);
    const errors = annotationsOf(run.log).filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      {
        title: 'TOOL_MISSING',
        text: expect.stringMatching(
          /^TOOL_MISSING: Trivy is not on this runner, and `offline` forbids a download\nInstall Trivy .* or point `trivy-path` at it\.$/,
        ),
      },
    ]);
    expect(run.outputs['error-code']).toBe('TOOL_MISSING');
    expect(run.log).not.toContain('COPY rootfs/');
    expect(writesOf(bench.registry.requests)).toEqual([]);
  });
});

/** A program that writes its environment down and goes on as the real tool. */
function dumping(tool: string, dumps: string): string {
  const path = join(bench.folder('wrapper'), tool);
  writeFileSync(path, `#!/bin/sh\nenv > "${dumps}/${tool}.$$"\nexec "${toolPath(tool)}" "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A PATH that has just these tools. */
function pathOf(tools: readonly string[]): string {
  const folder = join(bench.root, 'path');
  mkdirSync(folder);
  for (const tool of tools) symlinkSync(toolPath(tool), join(folder, tool));
  return folder;
}
