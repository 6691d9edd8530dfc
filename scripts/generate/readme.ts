import { INPUT_GROUPS, INPUTS, inputSpec, isInputName, OUTPUTS } from '../../src/inputs/names.ts';
import {
  ARTIFACT_KEYS,
  BAKE_KEYS,
  CHANNEL_KEYS,
  GATE_SCOPE_TEXT,
  IMAGE_KEYS,
  PUBLISH_TEXTS,
  RUNNER_KEYS,
  SECTIONS,
} from './config-schema.ts';
import { table } from './tables.ts';

/** The regions of README.md that are made here, by the name in their markers. */
export const REGIONS = { inputs: inputTables, outputs: outputTable, config: configTable } as const;

function inputTables(): string {
  const tables = Object.entries(INPUT_GROUPS).map(([title, group]) => {
    const rows = Object.keys(group)
      .filter(isInputName)
      .map((name) => {
        const { config } = inputSpec(name);
        return [`\`${name}\``, INPUTS[name].description, config ? 'yes' : 'no'];
      });
    return `### ${title}\n\n${table(['Input', 'Meaning', 'In the config'], rows)}`;
  });
  return tables.join('\n');
}

function outputTable(): string {
  const rows = Object.entries(OUTPUTS).map(([name, meaning]) => [`\`${name}\``, meaning]);
  return table(['Output', 'Meaning'], rows);
}

function configTable(): string {
  const keys = (prefix: string, descriptions: Readonly<Record<string, string>>) =>
    Object.entries(descriptions).map(([key, meaning]) => [`\`${prefix}.${key}\``, meaning]);
  return table(
    ['Key', 'Meaning'],
    [
      ['`images`', SECTIONS.images],
      ...keys('images.<name>', IMAGE_KEYS),
      ['`bake`', SECTIONS.bake],
      ...keys('bake', BAKE_KEYS),
      ['`channels`', SECTIONS.channels],
      ...keys('channels.<name>', CHANNEL_KEYS),
      ['`artifacts`', SECTIONS.artifacts],
      ...keys('artifacts.<name>', ARTIFACT_KEYS),
      ['`runners`', SECTIONS.runners],
      ...keys('runners.<platform>', RUNNER_KEYS),
      ['`gate`', SECTIONS.gate],
      ['`gate.scope`', GATE_SCOPE_TEXT],
      ['`publish`', INPUTS.publish.description],
      ...keys('publish', PUBLISH_TEXTS),
      ['`identity.workflow`', SECTIONS.identity],
    ],
  );
}
