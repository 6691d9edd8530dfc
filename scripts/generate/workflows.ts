import { parse } from 'yaml';
import { table } from './tables.ts';

/** The reusable workflows: they run the version of this action that they are part of. */
export const REUSABLE = ['release', 'promote', 'rollback'] as const;

/** What `on.workflow_call` of one of them declares. https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_call */
export type Call = {
  readonly inputs: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly description: string;
        readonly required?: boolean;
        readonly default?: string | number | boolean;
      }
    >
  >;
  readonly secrets: Readonly<Record<string, { readonly description: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
};

export function callOf(workflow: string): Call {
  const { on }: { readonly on: { readonly workflow_call: Call } } = parse(workflow);
  return on.workflow_call;
}

/** A workflow with a version after our own name: the tag that this version will have. */
export function withVersion(workflow: string, version: string): string {
  return workflow.replaceAll(/(uses: org\/module-release)@v\S+/g, `$1@v${version}`);
}

/** What a caller may say to a workflow and what it hears, for docs/workflows.md. */
export function callTables(workflow: string): string {
  const { inputs, secrets, outputs } = callOf(workflow);
  const named = (group: Readonly<Record<string, { readonly description: string }>>) =>
    Object.entries(group).map(([name, { description }]) => [`\`${name}\``, `${description}.`]);
  const given = Object.entries(inputs).map(([name, { type, description, required, default: value }]) => [
    `\`${name}\``,
    type,
    `${description}.${required === true ? ' Required.' : ''}${value === undefined ? '' : ` Default: \`${value}\`.`}`,
  ]);
  return [
    table(['Input', 'Type', 'Meaning'], given),
    table(['Secret', 'Meaning'], named(secrets)),
    table(['Output', 'Meaning'], named(outputs)),
  ].join('\n');
}
