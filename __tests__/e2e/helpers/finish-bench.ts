import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contextOf, TAG } from '../../helpers/e2e-bench.ts';
import type { GitRepository } from '../../helpers/git-repository.ts';
import { type ActionRun, type RunOptions, runAction } from '../../helpers/run-action.ts';
import type { SigstoreFault } from '../../helpers/sigstore/faults.ts';
import { type AttestBench, attestBench } from './attest-bench.ts';

export const KINDS = ['signature', 'provenance', 'cyclonedx', 'scan'] as const;

/** Nobody of Sigstore does any work; what is asked is refused at once, so that nobody waits. */
export const DOWN: readonly SigstoreFault[] = (['fulcio', 'rekor', 'tsa'] as const).map((service) => ({
  service,
  status: 501,
}));

/** An index of two platforms. */
const IMAGE = { image: 'app', platforms: 'linux/amd64,linux/arm64' };

type More = Partial<RunOptions>;

/** Releases that end red while they attest, and the runs that finish them. The issuer publishes its keys under its name, which has a path. */
export type FinishBench = AttestBench & {
  /** One image. */
  readonly modules: GitRepository;
  /** Its release into a part of the registry. */
  releaseInto(namespace: string, more?: More, repository?: GitRepository): Promise<ActionRun>;
  /** The same with these faults of Sigstore, and what it has left as another job has downloaded it. */
  interrupted(
    namespace: string,
    faults?: readonly SigstoreFault[],
    more?: More,
  ): Promise<{ readonly run: ActionRun; readonly record: string }>;
  /** Another run, on a machine without a checkout, started for the same tag. */
  finish(record: string, more?: More): Promise<ActionRun>;
  /** A copy of the folder of a record; the path of the record in it. */
  copied(record: string): string;
};

export async function finishBench(): Promise<FinishBench> {
  const bench = await attestBench({}, { issuer: 'own', path: '/_services/token' });
  const { e2e } = bench;
  const modules = e2e.checkout(contextOf({ 'etc/app': 'app' }));
  const copied = (record: string): string => {
    const folder = mkdtempSync(join(e2e.root, 'artifact-'));
    cpSync(dirname(record), folder, { recursive: true });
    return join(folder, 'release.json');
  };
  const releaseInto: FinishBench['releaseInto'] = (
    namespace,
    { inputs = {}, ...more } = {},
    repository = modules,
  ) => bench.release(repository, { namespace, attest: 'true', ...IMAGE, ...inputs }, more);
  return {
    ...bench,
    modules,
    copied,
    releaseInto,
    async interrupted(namespace, faults = DOWN, more = {}) {
      for (const fault of faults) bench.sigstore.fail(fault);
      const run = await releaseInto(namespace, more);
      bench.heal();
      return { run, record: copied(run.outputs.record ?? '') };
    },
    finish(record, { inputs = {}, ...more } = {}) {
      const defaults = { registry: e2e.registry.host, 'trivy-cache-dir': e2e.trivyCache, ...bench.instance };
      return runAction({
        workspace: e2e.folder('empty'),
        sha: modules.sha,
        ref: `refs/tags/${TAG}`,
        temp: e2e.folder('runner'),
        ...more,
        inputs: { command: 'attest', record, ...defaults, ...inputs },
        env: { ...bench.oidc.env, ...more.env },
      });
    },
  };
}

/** Names of the files of what is kept beside a record. */
export function keptIn(record: string): readonly string[] {
  const folder = join(dirname(record), 'statements');
  return existsSync(folder) ? readdirSync(folder) : [];
}

export function readKept(record: string, name: string): string {
  return readFileSync(join(dirname(record), 'statements', name), 'utf8');
}

export function writeKept(record: string, name: string, text: string): void {
  writeFileSync(join(dirname(record), 'statements', name), text);
}
