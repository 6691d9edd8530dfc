import { stripVTControlCharacters } from 'node:util';
import type { Problem } from '../../model/errors.ts';
import type { Log } from '../../ports/log.ts';
import {
  type AnnotationLevel,
  annotation,
  looksLikeCommand,
  type Place,
  workflowCommand,
} from './annotations.ts';
import { stopCommandsBracket } from './bracket.ts';
import { createMasks, type Masks } from './masks.ts';
import { writeStdout } from './stdout.ts';

/** The page shows no more of an annotation; a value of many kilobytes must not push the hint out of it. */
const LONGEST_MESSAGE = 3000;

const WORDS: Readonly<Record<AnnotationLevel, string>> = {
  notice: 'Notice',
  warning: 'Warning',
  error: 'Error',
};

export type LogOptions = {
  readonly masks?: Masks;
  readonly write?: (text: string) => void;
  /** A GitHub runner reads the output, so groups and annotations are commands; else they are plain lines. */
  readonly onRunner?: boolean;
  /** The run was asked for debug lines. */
  readonly debug?: boolean;
  readonly makeToken?: () => string;
};

/** The log on stdout. Defaults come from the runner's environment. */
export function createLog(options: LogOptions = {}): Log {
  const write = options.write ?? writeStdout;
  const onRunner = options.onRunner ?? process.env.GITHUB_ACTIONS === 'true';
  const debug = options.debug ?? process.env.RUNNER_DEBUG === '1';
  const masks = options.masks ?? createMasks();
  const writeLine = (line: string) => write(`${line}\n`);
  const bracket = stopCommandsBracket(writeLine, options.makeToken);
  let printers = 0;

  const command = (line: string) => {
    bracket.leave();
    writeLine(line);
  };
  const plain = (text: string) => {
    for (const line of cleanLines(masks.redact(text))) {
      if (onRunner && looksLikeCommand(line)) bracket.enter();
      writeLine(masks.redact(line));
    }
    if (printers === 0) bracket.leave();
  };
  const annotate = (level: AnnotationLevel, message: string, place?: Place) => {
    const text = masks.redact(message);
    if (onRunner) command(annotation(level, text, place));
    else plain(`${WORDS[level]}: ${text}`);
  };

  return {
    info: plain,
    debug(message) {
      if (!debug) return;
      for (const line of cleanLines(masks.redact(message))) {
        if (onRunner) command(workflowCommand('debug', line));
        else plain(`Debug: ${line}`);
      }
    },
    notice: (message) => annotate('notice', message),
    warning: (message, at) => annotate('warning', message, at),
    problem(problem) {
      // Before it is cut: half a secret would not be known as one.
      const text = problemText({ ...problem, message: masks.redact(problem.message) });
      annotate('error', text, { ...problem.at, title: problem.code });
    },
    group(title) {
      const [line = ''] = cleanLines(masks.redact(title));
      if (onRunner) command(workflowCommand('group', line));
      else plain(`\n== ${line}`);
    },
    endGroup() {
      if (onRunner) command(workflowCommand('endgroup'));
    },
    foreign(prefix = '') {
      let open = true;
      printers += 1;
      return {
        line(text) {
          if (onRunner) bracket.enter();
          for (const line of cleanLines(masks.redact(text))) writeLine(prefix + masks.redact(line));
        },
        end() {
          if (!open) return;
          open = false;
          printers -= 1;
          if (printers === 0) bracket.leave();
        },
      };
    },
    mask(secret) {
      for (const form of masks.add(secret)) if (onRunner) command(workflowCommand('add-mask', form));
    },
  };
}

/** What failed with its value on one line, what to do below it. */
function problemText({ code, message, hint }: Problem): string {
  const line = message.replaceAll(/\r\n|\r|\n/g, '\\n');
  return `${code}: ${line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)} …` : line}\n${hint}`;
}

/**
 * Lines as the runner splits them (a lone carriage return ends a line too), without escape sequences and other control
 * characters: a tool may move the cursor of a terminal, not ours.
 */
function cleanLines(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/).map((line) => stripVTControlCharacters(line).replace(/(?!\t)\p{Cc}/gu, ''));
}
