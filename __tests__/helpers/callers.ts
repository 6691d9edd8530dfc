import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { callOf } from '../../scripts/generate/workflows.ts';
import { ROOT } from './run-action.ts';

type Permissions = Readonly<Record<string, string>>;
type Job = {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly permissions?: Permissions;
};

/** A job that calls a reusable workflow of ours. */
export type Caller = { readonly path: string; readonly job: Job };

const CALLED = /^org\/module-release\/(?<path>\.github\/workflows\/\w+\.yml)@v1$/;

export function callersIn(workflow: string): readonly Caller[] {
  const { jobs }: { readonly jobs: Readonly<Record<string, Job>> } = parse(workflow);
  return Object.values(jobs).flatMap((job) => {
    const path = CALLED.exec(job.uses ?? '')?.groups?.path;
    return path === undefined ? [] : [{ path, job }];
  });
}

/** What GitHub would not start a run for: strange inputs and secrets, required ones that lack, rights that are not granted. */
export function faultsOf({ path, job }: Caller): readonly string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const { inputs, secrets } = callOf(text);
  const given = Object.keys(job.with ?? {});
  const required = Object.entries(inputs).flatMap(([name, input]) => (input.required === true ? [name] : []));
  const { jobs }: { readonly jobs: Readonly<Record<string, Job>> } = parse(text);
  const asked = Object.values(jobs).flatMap(({ permissions }) => Object.entries(permissions ?? {}));
  return [
    ...given.filter((name) => !(name in inputs)).map((name) => `strange input ${name}`),
    ...Object.keys(job.secrets ?? {}).flatMap((name) => (name in secrets ? [] : [`strange secret ${name}`])),
    ...required.filter((name) => !given.includes(name)).map((name) => `no input ${name}`),
    ...asked
      .filter(([name, right]) => job.permissions?.[name] !== right)
      .map(([name, right]) => `${name}: ${right} is not granted`),
  ];
}
