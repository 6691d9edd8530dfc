import type { BakeDocument, ResolvedBuild } from '../model/build.ts';
import type { Plan } from '../model/plan.ts';
import { bakeDocument } from '../plan/bake-document.ts';
import { buildSecrets } from '../plan/build-secrets.ts';
import { planRelease } from '../plan/plan-release.ts';
import type { Ports } from '../ports/index.ts';
import { releasedBefore } from '../steps/preflight/run.ts';
import { maskSecretFiles, survey } from '../steps/survey/run.ts';
import { modulesOf } from './focus.ts';
import { planModules } from './modules.ts';
import type { Start } from './start.ts';

export type Study = {
  readonly plan: Plan;
  readonly document?: BakeDocument;
  readonly build?: ResolvedBuild;
  /** Values of build secrets by environment name. */
  readonly secretEnv: Readonly<Record<string, string>>;
};

/** Reads the facts and makes the plan. Nothing is written; all problems found so far are in the plan. */
export async function study({ inputs, context }: Start, ports: Ports): Promise<Study> {
  const modules = await modulesOf(inputs, ports);
  const document = bakeDocument(inputs, modules.moduleImages);
  const { env: secretEnv } = buildSecrets(inputs.build);
  await maskSecretFiles(Object.values(inputs.build.secretFiles), ports);
  const known = { inputs, context, secretEnv, modules, ...(document === undefined ? {} : { document }) };
  const { facts, problems } = await survey(known, ports);
  const first = planRelease(inputs, context, facts);
  const isSet = first.images.some(({ version }) => version !== undefined);
  const released = isSet ? await releasedBefore(first, ports) : new Map();
  const plan = released.size === 0 ? first : planRelease(inputs, context, { ...facts, released });
  const judged = await planModules(plan, inputs, facts, ports);
  return {
    plan: { ...judged, problems: [...judged.problems, ...problems] },
    secretEnv,
    ...(document === undefined ? {} : { document }),
    ...(facts.build === undefined ? {} : { build: facts.build }),
  };
}
