import { styleText } from 'node:util';

const WIDTH = 100;
let chapter = 0;

/** A numbered heading. */
export function heading(title: string): void {
  chapter += 1;
  const line = `${chapter}. ${title}`;
  console.log(`\n${styleText('bold', line)}\n${'='.repeat(line.length)}\n`);
}

/** A paragraph, wrapped. */
export function say(text: string): void {
  console.log(`${wrap(text).join('\n')}\n`);
}

/** Lines as they are, indented. */
export function list(lines: readonly string[]): void {
  console.log(`${lines.map((line) => `    ${line}`).join('\n')}\n`);
}

/** A line of the action's own log. */
export function logLine(line: string): void {
  console.log(`  ${styleText('dim', '│')} ${line}`);
}

function wrap(text: string): readonly string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
