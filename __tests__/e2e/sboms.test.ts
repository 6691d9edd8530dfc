import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentOf, contextOf, type E2eBench, e2eBench, writesOf } from '../helpers/e2e-bench.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { nodePackage, pythonPackage } from '../helpers/vulnerable-layout.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

const CLEAN = { ...pythonPackage('requests', '2.32.5'), ...nodePackage('htm', '3.1.1') };

function reportsOf({ outputs }: ActionRun): readonly { readonly kind: string; readonly path: string }[] {
  return JSON.parse(readFileSync(outputs.record ?? '', 'utf8')).images[0].platforms[0].reports;
}

/** The real Trivy, but for what `convert` does. */
function trivyWhoseConvert(does: string): string {
  const path = join(bench.folder('trivy'), 'trivy');
  const real = `'${toolPath('trivy')}' "$@"`;
  writeFileSync(path, `#!/bin/sh\ncase "$1" in convert) ${does} ;; esac\nexec ${real}\n`, { mode: 0o755 });
  return path;
}

describe('SBOMs, which are made beside the gate and the push', () => {
  it('that cannot be made end the run before any tag, with all other reports', async () => {
    const trivy = trivyWhoseConvert('sleep 0.3; echo "out of ink" >&2; exit 1');
    const run = await bench.run(bench.checkout(contextOf(CLEAN)), {
      'trivy-path': trivy,
      sbom: 'spdx',
    });
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'TOOL_FAILED' });
    expect(run.log).toContain('out of ink');
    const tags = Object.values(contentOf(bench.registry)).flatMap((repository) =>
      Object.keys(repository.tags),
    );
    expect(tags).toEqual([]);
    expect(reportsOf(run).map(({ kind }) => kind)).toEqual(['scan', 'sarif']);
  });

  it('are there when the gate is closed, and nothing has left', async () => {
    const trivy = trivyWhoseConvert('sleep 0.3');
    const run = await bench.run(bench.checkout(contextOf(pythonPackage('PyYAML', '5.3'))), {
      'trivy-path': trivy,
      sbom: 'both',
    });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'GATE_FINDINGS' });
    expect(reportsOf(run).map(({ kind }) => kind)).toEqual(['scan', 'cyclonedx', 'spdx', 'sarif']);
    const paths = (run.outputs['sbom-path'] ?? '').split('\n');
    expect(paths.map((path) => existsSync(path))).toEqual([true, true]);
    expect(writesOf(bench.registry.requests)).toEqual([]);
  });

  it('are there when the push is refused', async () => {
    bench.registry.faults.add({
      when: { method: 'PUT', path: /\/blobs\/uploads\// },
      times: Infinity,
      effect: { do: 'answer', status: 403 },
    });
    const run = await bench.run(bench.checkout(contextOf(CLEAN)), {
      'trivy-path': trivyWhoseConvert('sleep 0.3'),
      sbom: 'both',
    });
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'REGISTRY_FORBIDDEN' });
    expect(reportsOf(run).map(({ kind }) => kind)).toEqual(['scan', 'cyclonedx', 'spdx', 'sarif']);
    bench.registry.faults.clear();
  });
});
