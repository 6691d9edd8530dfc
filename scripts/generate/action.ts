import { ACTION_DEFAULTS, INPUT_GROUPS, isInputName, OUTPUTS } from '../../src/inputs/names.ts';

const HEAD = `# Made by \`npm run generate\` from src/inputs/names.ts: change it there.
name: Module Release
description: Takes a repository from a git tag to a verified container release; nothing leaves the runner before the gate.
author: org
branding:
  icon: package
  color: blue
`;

const RUNS = `runs:
  using: node24
  main: dist/index.js
  post: dist/post/index.js
  post-if: always()
`;

/** https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax */
export function actionYaml(): string {
  const groups = Object.entries(INPUT_GROUPS).map(([title, group]) => {
    const inputs = Object.entries(group).map(([name, { description }]) => {
      const fallback = isInputName(name) ? ACTION_DEFAULTS[name] : undefined;
      const lines = [
        `  ${name}:`,
        `    description: ${quote(description)}`,
        '    required: false',
        ...(fallback === undefined ? [] : [`    default: ${fallback}`]),
      ];
      return lines.join('\n');
    });
    return `  # ${title}\n${inputs.join('\n')}\n`;
  });
  const outputs = Object.entries(OUTPUTS).map(
    ([name, text]) => `  ${name}:\n    description: ${quote(text)}\n`,
  );
  return `${HEAD}inputs:\n${groups.join('')}outputs:\n${outputs.join('')}${RUNS}`;
}

/** A single-quoted YAML scalar. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
