import { type ReleaseError, toReleaseError } from '../model/errors.ts';
import type { Plan, StepDecision, StepId } from '../model/plan.ts';
import { stepDecision } from '../model/plan.ts';
import type { Release, StepResult } from '../model/release.ts';
import type { Ports } from '../ports/index.ts';

const TITLES: Readonly<Record<StepId, string>> = {
  preflight: 'Preflight: tools, rights and tags',
  build: 'Build into the staging store',
  inspect: 'Inspect: SBOM and scan',
  gate: 'Gate',
  push: 'Push by digest',
  handoff: 'Hand over: digests and reports for the release',
  attest: 'Attest: sign evidence and store it',
  verify: 'Verify: read the evidence back',
  tag: 'Tag',
  promote: 'Promote: move channels',
  publish: 'Publish: tell the platform',
  report: 'Report',
};

/**
 * The frame round every step, and the release as far as it came. A step runs inside a log group with its duration; one
 * that the plan skips is recorded with its reason and not entered. What a step found is noted as soon as it is known, so
 * that a failing run still reports everything before the failure.
 */
export class Progress {
  #release: Release = { status: 'failed', steps: [], inspections: [], images: [], tools: [], problems: [] };
  #cancelled: ReleaseError | undefined;
  readonly #ports: Pick<Ports, 'clock' | 'log'>;
  /** Milliseconds from the start of the process to the first entry in the clock's terms. */
  readonly #zero: number;

  constructor(ports: Pick<Ports, 'clock' | 'log'>) {
    this.#ports = ports;
    this.#zero = ports.clock.elapsed();
  }

  get release(): Release {
    return this.#release;
  }

  note(found: Partial<Release>): void {
    this.#release = { ...this.#release, ...found };
  }

  /** What stopped the run; its problems are added to those noted before. */
  fail(error: unknown): void {
    const known = new Set(this.#release.problems.map((p) => `${p.code} ${p.message}`));
    const fresh = toReleaseError(error).problems.filter((p) => !known.has(`${p.code} ${p.message}`));
    this.note({ status: 'failed', problems: [...this.#release.problems, ...fresh] });
  }

  /** Runs the step when the plan says `run`; otherwise records why not and answers undefined. */
  async step<T>(plan: Plan, id: StepId, work: () => Promise<T>): Promise<T | undefined> {
    const decision = stepDecision(plan, id);
    if (decision.do === 'run') return this.always(id, work);
    this.#skip(decision);
    return undefined;
  }

  /** From now on no step begins: a cancelled run must not set a tag while it reports. */
  cancel(reason: ReleaseError): void {
    this.#cancelled = reason;
  }

  /** Runs the step whatever the plan says: preflight looks also in a dry run. */
  async always<T>(id: StepId, work: () => Promise<T>): Promise<T> {
    if (this.#cancelled !== undefined) throw this.#cancelled;
    const { clock, log } = this.#ports;
    const started = clock.elapsed();
    const record = (status: StepResult['status']): void => {
      const durationMs = clock.elapsed() - started;
      this.#add({ id, status, startedMs: started - this.#zero, durationMs });
    };
    log.group(TITLES[id]);
    try {
      const result = await work();
      record('done');
      return result;
    } catch (error) {
      record('failed');
      throw error;
    } finally {
      log.endGroup();
    }
  }

  /** The steps that the run does not come to, with the plan's reasons; the report step is not one of them. */
  skipRest(plan: Plan): void {
    const entered = new Set(this.#release.steps.map(({ id }) => id));
    const rest = plan.steps.filter(({ id, do: how }) => !entered.has(id) && id !== 'report' && how !== 'run');
    for (const decision of rest) this.#skip(decision);
  }

  /** The report is made of what is noted here, so it tells of itself only that it began. */
  report(): void {
    const startedMs = this.#ports.clock.elapsed() - this.#zero;
    this.#add({ id: 'report', status: 'done', startedMs, durationMs: 0 });
  }

  #skip(decision: StepDecision): void {
    const status = decision.do === 'simulate' ? 'simulated' : 'skipped';
    this.#ports.log.info(`${TITLES[decision.id]}: ${status}, because ${decision.reason}.`);
    const startedMs = this.#ports.clock.elapsed() - this.#zero;
    this.#add({ id: decision.id, status, reason: decision.reason, startedMs, durationMs: 0 });
  }

  #add(result: StepResult): void {
    this.note({ steps: [...this.#release.steps, result] });
  }
}
