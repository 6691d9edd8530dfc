import { mapLimit } from '../../model/concurrency.ts';
import { ReleaseError, releaseErrorOf } from '../../model/errors.ts';
import type { GateInputs } from '../../model/inputs.ts';
import type {
  GatePolicy,
  GateVerdict,
  ImageInspection,
  PlatformInspection,
  Scanner,
  Waiver,
} from '../../model/scan.ts';
import type { Ports } from '../../ports/index.ts';
import { decide } from './decide.ts';
import { toSarif } from './sarif.ts';
import { violationTable } from './table.ts';
import { parseWaivers } from './waivers.ts';

export { decideSources } from './decide.ts';
export { gateError } from './failure.ts';

type PolicyInputs = Pick<GateInputs, 'severities' | 'ignoreUnfixed' | 'waivers'>;

/**
 * The policy with its waivers. Throws INPUT_INVALID with every problem of the waiver file. `parseYaml` throws on what is
 * no YAML; it is passed in, because a YAML library costs start-up time and is loaded only when there is a file.
 */
export async function readPolicy(
  inputs: PolicyInputs,
  parseYaml: (text: string) => unknown,
  ports: Pick<Ports, 'files'>,
): Promise<GatePolicy> {
  const { severities, ignoreUnfixed } = inputs;
  const waivers = inputs.waivers === undefined ? [] : await readWaivers(inputs.waivers, parseYaml, ports);
  return { severities, ignoreUnfixed, waivers };
}

async function readWaivers(
  path: string,
  parseYaml: (text: string) => unknown,
  ports: Pick<Ports, 'files'>,
): Promise<readonly Waiver[]> {
  const text = await ports.files.readTextIfExists(path);
  if (text === undefined)
    throw new ReleaseError('INPUT_INVALID', `the \`waivers\` file does not exist: ${path}`, {
      hint: 'Correct the path, or leave `waivers` out.',
    });
  const parsed = parseWaivers(yamlOf(text, path, parseYaml), path);
  if (!parsed.ok) throw releaseErrorOf(parsed.problems);
  return parsed.waivers;
}

function yamlOf(text: string, path: string, parseYaml: (text: string) => unknown): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError('INPUT_INVALID', `the \`waivers\` file is no YAML: ${path}: ${why}`, { cause });
  }
}

export type GateResult = {
  readonly verdict: GateVerdict;
  /** The inspections with their SARIF files, which carry the gate's word on every finding. */
  readonly inspections: readonly ImageInspection[];
};

/**
 * Decides on all images together, says it in the log, and writes the SARIF reports, whatever the verdict. The caller
 * turns a red verdict into `gateError`.
 */
export async function runGate(
  policy: GatePolicy,
  inspections: readonly ImageInspection[],
  scanner: Scanner,
  ports: Pick<Ports, 'clock' | 'files' | 'log'>,
): Promise<GateResult> {
  const now = ports.clock.now();
  const verdict = decide(policy, inspections, now);
  // One report in memory at a time: of many images they are large.
  const reported = await mapLimit(inspections, 1, async (inspection) => ({
    ...inspection,
    platforms: await mapLimit(inspection.platforms, 1, (each) =>
      writeSarif(each, inspection.image.planned.name, policy, scanner, now, ports),
    ),
  }));
  say(policy, verdict, ports);
  return { verdict, inspections: reported };
}

async function writeSarif(
  inspection: PlatformInspection,
  image: string,
  policy: GatePolicy,
  scanner: Scanner,
  now: Date,
  ports: Pick<Ports, 'files'>,
): Promise<PlatformInspection> {
  const scan = inspection.reports.find(({ kind }) => kind === 'scan');
  if (scan === undefined) return inspection;
  const path = `${scan.path.replace(/\.trivy\.json$/, '')}.sarif`;
  await ports.files.write(path, JSON.stringify(toSarif({ image, inspection, policy, scanner, now })));
  return { ...inspection, reports: [...inspection.reports, { kind: 'sarif', path }] };
}

function say(policy: GatePolicy, verdict: GateVerdict, { log }: Pick<Ports, 'log'>): void {
  const { violations, waived, unfixed } = verdict;
  const severities = policy.severities.join(', ');
  if (verdict.passed) log.info(`The gate is open: no finding of ${severities} is refused.`);
  else {
    const are = violations.length === 1 ? 'is' : 'are';
    log.info(`The gate is closed: ${findings(violations)} of ${severities} ${are} refused.`);
    const printer = log.foreign();
    for (const line of violationTable(violations)) printer.line(line);
    printer.end();
  }
  if (waived.length > 0) log.info(`Waivers lift ${findings(waived)}.`);
  if (unfixed.length > 0)
    log.info(`Without a fix yet, and so let through by ignore-unfixed: ${findings(unfixed)}.`);
  for (const waiver of verdict.expiredWaivers)
    log.warning(
      `A waiver expired on ${waiver.expiredAt ?? ''} and lifts nothing any more: ${named(waiver)}.`,
    );
  for (const waiver of verdict.expiringWaivers)
    log.warning(`A waiver is good only until the end of ${waiver.expiredAt ?? ''} (UTC): ${named(waiver)}.`);
  for (const waiver of verdict.unusedWaivers)
    log.info(`A waiver lifts nothing in this release: ${named(waiver)}.`);
}

function findings(list: readonly unknown[]): string {
  return list.length === 1 ? '1 finding' : `${list.length} findings`;
}

function named({ id, owner }: Waiver): string {
  return owner === undefined ? id : `${id} (${owner})`;
}
