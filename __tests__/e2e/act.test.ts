import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exampleModules, VULNERABLE_IMAGE, withLegacy } from '../../scripts/demo/example.ts';
import { CONFIG, contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import { pythonPackage } from '../helpers/vulnerable-layout.ts';
import { runAct } from './helpers/act.ts';
import { craneFiles } from './helpers/judges.ts';

let bench: E2eBench;
const folders: string[] = [];

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(async () => {
  await bench.dispose();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** As a user writes it; a later step and another job use what it says. */
const WORKFLOW = `name: Release
on:
  push:
    tags: ['v*']
permissions:
  contents: read
  packages: write
jobs:
  release:
    runs-on: ubuntu-latest
    outputs:
      digests: \${{ steps.release.outputs.digests }}
    steps:
      - uses: actions/checkout@v5
      - id: release
        uses: acme/module-release@v1
        with:
          registry: \${{ vars.REGISTRY }}
          trivy-cache-dir: \${{ vars.TRIVY_CACHE }}
      - run: echo "released \${{ steps.release.outputs.status }} \${{ fromJSON(steps.release.outputs.images)[0].ref }}"
      - if: failure()
        run: echo "refused with \${{ steps.release.outputs.error-code }}, version \${{ steps.release.outputs.version }}"
  deploy:
    needs: release
    runs-on: ubuntu-latest
    steps:
      - run: echo "deploying $DIGEST"
        env:
          DIGEST: \${{ fromJSON(needs.release.outputs.digests).modules-console }}
`;

const WORKFLOW_FILE = '.github/workflows/release.yml';
const vars = () => ({ REGISTRY: bench.registry.host, TRIVY_CACHE: bench.trivyCache });

describe('a workflow', () => {
  it('releases the example, and its steps and jobs use the outputs', async () => {
    const example = await exampleModules([]);
    folders.push(example.folder);
    const sha = example.commit({ [WORKFLOW_FILE]: WORKFLOW });
    example.tag('v1.2.3');
    const run = await runAct({ workspace: example.folder, root: bench.folder('act'), vars: vars() });
    expect(run.results).toEqual(
      expect.arrayContaining([
        'Main acme/module-release@v1: success',
        'Post acme/module-release@v1: success',
      ]),
    );
    expect(run.exitCode).toBe(0);
    const { release: outputs = {} } = run.outputs;
    expect(outputs).toMatchObject({ status: 'released', version: '1.2.3', pushed: 'true', 'error-code': '' });
    const digests: Readonly<Record<string, string>> = JSON.parse(outputs.digests ?? '{}');
    const names = [
      'modules-base',
      'modules-runtime',
      'modules-analytics',
      'modules-ingest',
      'modules-console',
    ];
    expect(Object.keys(digests)).toEqual(names);
    const content = contentOf(bench.registry);
    for (const name of names)
      expect(content[`acme/${name}`]?.tags).toEqual({
        '1.2.3': `sha256:${digests[name]}`,
        [`sha-${sha}`]: `sha256:${digests[name]}`,
      });
    const ref = `${bench.registry.host}/acme/modules-base@sha256:${digests['modules-base']}`;
    expect(run.lines).toContain(`released released ${ref}`);
    expect(run.lines).toContain(`deploying ${digests['modules-console']}`);
    expect(run.summaries).toEqual([expect.stringContaining('## ✅ module-release 1.2.3: released')]);
    const files = await craneFiles(ref);
    expect(files.get('etc/os-release')).toEqual(
      readFileSync(join(example.folder, 'base/rootfs/etc/os-release')),
    );
  });

  it('is red when the gate is, and a step after a failure can tell why', async () => {
    const checkout = bench.checkout({
      [WORKFLOW_FILE]: WORKFLOW,
      [CONFIG]: withLegacy('images:\n  app: { context: app }\n'),
      ...VULNERABLE_IMAGE,
      ...contextOf(pythonPackage('requests', '2.32.5'), 'app'),
    });
    const run = await runAct({ workspace: checkout.folder, root: bench.folder('act'), vars: vars() });
    expect(run.exitCode).not.toBe(0);
    expect(run.results).toEqual(
      expect.arrayContaining([
        'Main acme/module-release@v1: failure',
        'Post acme/module-release@v1: success',
      ]),
    );
    expect(run.lines).toContain('refused with GATE_FINDINGS, version 1.2.3');
    expect(run.lines.filter((line) => /^(?:released|deploying) /.test(line))).toEqual([]);
    expect(run.summaries.join('')).toMatch(/GATE_FINDINGS[\s\S]*Upgrade lodash 4\.17\.4 → 4\.17\.12/);
    expect(contentOf(bench.registry)).toEqual({});
    expect(writesOf(bench.registry.requests)).toEqual([]);
  });
});
