import { describe, expect, it } from '@jest/globals';
import { createLicenses } from '../../../src/adapters/licenses/spdx.ts';
import { ReleaseError } from '../../../src/model/errors.ts';
import { lookAhead } from '../../../src/pipeline/look-ahead.ts';
import { preflight } from '../../../src/pipeline/preflight.ts';
import { Progress } from '../../../src/pipeline/progress.ts';
import type { Start } from '../../../src/pipeline/start.ts';
import { planRelease } from '../../../src/plan/plan-release.ts';
import type { Ports } from '../../../src/ports/index.ts';
import {
  aContext,
  anImageInput,
  anInputs,
  imageSet,
  someBuildInputs,
  someFacts,
} from '../../helpers/a-context.ts';
import { fakeExec } from '../../helpers/fake-exec.ts';
import { fakeLog } from '../../helpers/fake-log.ts';
import { fakeGitHub, noArtifacts, noOidc, noPublishApi, noSigstore } from '../../helpers/fake-ports.ts';
import { memoryFiles } from '../../helpers/memory-files.ts';
import { fakeRegistry } from '../../helpers/registry/fake-registry.ts';

const HINT = 'Ask somebody.';

/** The preflight of a plan with one problem of its own, on a machine without Trivy, at a registry that lets nobody push. */
function aPreflight() {
  const definition = imageSet(anImageInput({ name: 'app', from: { kind: 'oci-layout', path: '/layout' } }));
  const inputs = anInputs({
    command: 'plan',
    build: someBuildInputs({ definition }),
    tools: { ...anInputs().tools, offline: true },
  });
  const context = aContext();
  const plan = planRelease(inputs, context, someFacts({ head: 'f'.repeat(40) }));
  const start: Start = {
    inputs,
    context,
    machine: { os: 'linux', arch: 'x64', stays: false },
    parseYaml: () => undefined,
    announce: () => undefined,
    showChecks: () => undefined,
    saveRecord: async () => undefined,
    databases: '/databases',
    reports: '/reports',
  };
  const log = fakeLog();
  const clock = { now: () => new Date(0), elapsed: () => 0, sleep: async () => {} };
  const ports: Ports = {
    clock,
    log,
    exec: fakeExec(),
    files: memoryFiles(),
    registry: {
      ...fakeRegistry(),
      checkPush: () => Promise.reject(new ReleaseError('REGISTRY_FORBIDDEN', 'no right', { hint: HINT })),
    },
    anonymousRegistry: fakeRegistry(),
    artifacts: noArtifacts(),
    publishApi: noPublishApi(),
    cache: { restore: async () => false, save: async () => {} },
    download: { file: async () => undefined },
    github: fakeGitHub(),
    licenses: createLicenses(),
    oidc: noOidc(),
    sigstore: noSigstore(),
    state: { save: () => {} },
  };
  const progress = new Progress({ clock, log });
  progress.note({ plan });
  return {
    progress,
    work: () => preflight(start, { plan, secretEnv: {} }, lookAhead(start, ports), progress, ports),
  };
}

describe('preflight', () => {
  it('reports everything that is wrong together', async () => {
    await expect(aPreflight().work()).rejects.toMatchObject({
      problems: [{ code: 'COMMIT_MISMATCH' }, { code: 'TOOL_MISSING' }, { code: 'REGISTRY_FORBIDDEN' }],
    });
  });

  it('leaves what it found in the plan, which a workflow reads', async () => {
    const { progress, work } = aPreflight();
    await expect(work()).rejects.toThrow();
    expect(progress.release.plan?.problems).toEqual([
      expect.objectContaining({ code: 'COMMIT_MISMATCH' }),
      expect.objectContaining({ code: 'TOOL_MISSING' }),
      { code: 'REGISTRY_FORBIDDEN', message: 'no right', hint: HINT },
    ]);
  });
});
