import type { BakeDocument, ResolvedBuild } from '../model/build.ts';
import type { Plan } from '../model/plan.ts';
import { bakeDocument, takesGeneratedFile } from '../plan/bake-document.ts';
import { buildSecrets } from '../plan/build-secrets.ts';
import { planRelease } from '../plan/plan-release.ts';
import type { Ports } from '../ports/index.ts';
import { maskSecretFiles, survey, surveyModules } from '../steps/survey/run.ts';
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
  const moduleImages = await surveyModules(inputs, takesGeneratedFile, ports);
  const document = bakeDocument(inputs, moduleImages);
  const { env: secretEnv } = buildSecrets(inputs.build);
  await maskSecretFiles(Object.values(inputs.build.secretFiles), ports);
  const known = { inputs, context, secretEnv, moduleImages, ...(document === undefined ? {} : { document }) };
  const { facts, problems } = await survey(known, ports);
  const plan = planRelease(inputs, context, facts);
  const judged = await planModules(plan, inputs, facts, ports);
  return {
    plan: { ...judged, problems: [...judged.problems, ...problems] },
    secretEnv,
    ...(document === undefined ? {} : { document }),
    ...(facts.build === undefined ? {} : { build: facts.build }),
  };
}
