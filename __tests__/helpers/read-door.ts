import * as yaml from 'yaml';
import type { RawInputs } from '../../src/inputs/raw.ts';
import { type DoorResult, readInputs } from '../../src/inputs/schema.ts';
import { yamlReader } from '../../src/inputs/yaml.ts';
import type { Problem } from '../../src/model/errors.ts';
import type { Inputs } from '../../src/model/inputs.ts';

export const WORKSPACE = '/home/runner/work/modules/modules';
export const CONFIG_FILE = '.github/module-release.yml';

type Written = {
  readonly raw?: RawInputs;
  readonly config?: string;
  readonly owner?: string;
  readonly actor?: string;
  readonly eventName?: string;
};

/** The door on these inputs and this config file, as main opens it. */
export function door({
  raw = {},
  config,
  owner = 'Acme',
  actor = 'octocat',
  eventName = 'push',
}: Written): DoorResult {
  return readInputs({
    raw,
    workspace: WORKSPACE,
    context: { owner, actor, eventName },
    readYaml: yamlReader(yaml),
    ...(config === undefined ? {} : { config: { file: CONFIG_FILE, text: config } }),
  });
}

/** The inputs; fails the test with the problems when there are any. */
export function accepted(written: Written): Inputs {
  const result = door(written);
  if (!result.ok) throw new Error(result.problems.map((p) => p.message).join('\n'));
  return result.inputs;
}

/** The problems; none when the door let it in. */
export function refused(written: Written): readonly Problem[] {
  const result = door(written);
  return result.ok ? [] : result.problems;
}

export function messages(written: Written): readonly string[] {
  return refused(written).map((p) => p.message);
}
