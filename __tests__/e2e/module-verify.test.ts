import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CONFIG } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { aModule, stubBase } from '../helpers/module-bench.ts';
import { GITHUB_CLAIMS } from '../helpers/oidc/oidc.ts';
import { runAction } from '../helpers/run-action.ts';
import { type AttestBench, attestBench } from './helpers/attest-bench.ts';
import { judge } from './helpers/judges.ts';

let stub: string;
let bench: AttestBench;
let checkout: GitRepository;
beforeAll(async () => {
  stub = await stubBase();
  bench = await attestBench();
  checkout = bench.e2e.checkout({
    [CONFIG]: `tag-prefix: "*/v"\nmodule-base-image: ${stub}\n`,
    ...aModule({ name: 'parser', version: '1.0.0' }, 'modules/parser'),
    ...aModule({ name: 'indexer', version: '2.0.0' }, 'modules/indexer'),
  });
});
afterAll(async () => {
  await bench.dispose();
  await judge('docker', 'image', 'rm', '--force', stub);
});

const REF = 'refs/heads/main';
const [WORKFLOW] = GITHUB_CLAIMS.workflow_ref.split('@');

/** Started by hand on a commit of main. */
function onMain(sha: string) {
  const workflow = `${WORKFLOW}@${REF}`;
  const event = { sha, ref: REF, event_name: 'workflow_dispatch' };
  bench.oidc.setClaims({ ...event, workflow_ref: workflow, job_workflow_ref: workflow });
  const env = { ...bench.oidc.env, GITHUB_WORKFLOW_REF: workflow };
  return { eventName: 'workflow_dispatch', ref: REF, sha, event: { inputs: {} }, env };
}

const release = (sha: string) => bench.e2e.run(checkout, { ...bench.instance, attest: 'true' }, onMain(sha));

const verify = (sha: string) =>
  runAction({
    ...onMain(sha),
    workspace: checkout.folder,
    temp: bench.e2e.folder('runner'),
    inputs: {
      command: 'verify',
      registry: bench.e2e.registry.host,
      'sigstore-trusted-root': bench.instance['sigstore-trusted-root'] ?? '',
    },
  });

async function verified(sha: string): Promise<readonly string[]> {
  const run = await verify(sha);
  expect({ ...run.outputs, errors: run.log.match(/::error.*/g) }).toMatchObject({
    status: 'verified',
    errors: null,
    'error-code': '',
  });
  const names = JSON.parse(run.outputs.images ?? '[]').map(({ name }: { readonly name: string }) => name);
  return [...new Set<string>(names)].toSorted();
}

it('`verify` by hand proves the modules that this commit has released, and no others', async () => {
  const first = await release(checkout.sha);
  expect({ ...first.outputs, log: first.log.slice(-2000) }).toMatchObject({ status: 'released' });
  expect(await verified(checkout.sha)).toEqual(['indexer', 'parser']);

  const bumped = checkout.commit(aModule({ name: 'parser', version: '1.1.0' }, 'modules/parser'));
  const second = await release(bumped);
  expect(second.outputs).toMatchObject({ status: 'released', version: '1.1.0' });
  expect(await verified(bumped)).toEqual(['parser']);

  const run = await verify(checkout.commit({ 'README.md': 'Nothing is bumped.\n' }));
  expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'INPUT_INVALID' });
  expect(run.log).toContain('every version was released before, from another commit');
  expect(run.log).toMatch(/such as \S+\/acme\/(?:indexer:2\.0\.0|parser:1\.1\.0)/);
});
