import { expect } from '@jest/globals';
import { type RunningResults, startResults } from '../../helpers/results-service/results-service.ts';
import type { ActionRun } from '../../helpers/run-action.ts';
import { type ActOptions, type ActRun, runAct } from './act.ts';
import { type AttestBench, attestBench } from './attest-bench.ts';
import { type Shape, shapeRepository } from './shapes.ts';
import { twoNodes } from './two-nodes.ts';

/** The examples of sets at scale, released by one job and by their own workflows. */
export type ShapeBench = AttestBench & {
  readonly results: RunningResults;
  checkout(shape: Shape): ShapeCheckout;
};

export type ShapeCheckout = {
  readonly sha: string;
  readonly folder: string;
  /** In one job, on a builder of two nodes, into the namespace `SHAPE-alone`. */
  alone(): Promise<ActionRun>;
  /** As its own workflow does it, by reusable workflows, into the namespace `SHAPE`. */
  fanned(more?: Partial<ActOptions>): Promise<ActRun>;
};

const TAG = 'refs/tags/v1.2.3';
const REPOSITORY = 'acme/modules';
/** Who signs: the reusable workflow, for the repository that calls it. */
export const SIGNER = 'org/module-release/.github/workflows/release.yml@refs/tags/v1';

export async function shapeBench(): Promise<ShapeBench> {
  const bench = await attestBench();
  const { e2e, oidc, instance } = bench;
  const results = await startResults();
  const builder = await twoNodes(`mr-shapes-${process.pid}`);
  const removals: (() => void)[] = [];
  return {
    ...bench,
    results,
    checkout(shape) {
      const example = shapeRepository(shape, {
        registry: e2e.registry.host,
        namespace: shape,
        'trivy-cache-dir': e2e.trivyCache,
        // The runners of the shards: the history in an image's config is worded by the version of BuildKit.
        builder: builder.name,
        ...instance,
      });
      removals.push(() => example.remove());
      return {
        sha: example.sha,
        folder: example.folder,
        async alone() {
          const inputs = { attest: 'false', namespace: `${shape}-alone` };
          const run = await e2e.run(example, inputs, { repository: REPOSITORY });
          expect({ ...run.outputs, log: run.log.slice(-3000) }).toMatchObject({
            status: 'released',
            'error-code': '',
          });
          return run;
        },
        fanned(more = {}) {
          oidc.setClaims({
            repository: REPOSITORY,
            repository_owner: 'acme',
            sha: example.sha,
            ref: TAG,
            workflow_ref: `${REPOSITORY}/.github/workflows/release.yml@${TAG}`,
            job_workflow_ref: SIGNER,
            // As act counts runs.
            run_id: '1',
          });
          return runAct({
            workspace: example.folder,
            root: e2e.folder('act'),
            workflow: '.github/workflows/release.yml',
            env: oidc.env,
            artifacts: results.otherRun(),
            ...more,
          });
        },
      };
    },
    async dispose() {
      for (const remove of removals) remove();
      await Promise.all([builder.stop(), results.stop(), bench.dispose()]);
    },
  };
}
