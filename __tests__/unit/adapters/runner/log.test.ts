import { describe, expect, it } from '@jest/globals';
import { createLog, type LogOptions } from '../../../../src/adapters/runner/log.ts';

/** A log whose bracket tokens are T1, T2, …, with what it wrote and what a runner would obey of it. */
function aLog(options: LogOptions = {}) {
  let text = '';
  let tokens = 0;
  const log = createLog({
    onRunner: true,
    debug: false,
    write(more) {
      text += more;
    },
    makeToken() {
      tokens += 1;
      return `T${tokens}`;
    },
    ...options,
  });
  const lines = () => text.split('\n').slice(0, -1);
  return { log, lines, obeyed: () => obeyed(lines()) };
}

/** The commands in these lines as the runner reads them, `stop-commands` and its end included. */
function obeyed(lines: readonly string[]): readonly string[] {
  let token: string | undefined;
  return lines.flatMap((line) => {
    const name = /^\s*::([^ :]+)[^:]*::(.*)$/.exec(line);
    if (name === null) return /##\[/.test(line) && token === undefined ? [line] : [];
    if (token !== undefined && name[1] !== token) return [];
    token = token === undefined && name[1] === 'stop-commands' ? name[2] : undefined;
    return name[1] === 'stop-commands' || /^T\d+$/.test(name[1]!) ? [] : [line];
  });
}

const HOSTILE = ['::error::x', '  ::add-mask::a', '##[error]x', 'a\r::set-env name=PATH::x', '::T1::'];

describe('foreign lines on a runner', () => {
  it('cannot issue commands', () => {
    const { log, lines, obeyed } = aLog();
    const printer = log.foreign('[base] ');
    for (const line of HOSTILE) printer.line(line);
    printer.end();
    expect(obeyed()).toEqual([]);
    expect(lines()[0]).toBe('::stop-commands::T1');
    expect(lines()).toContain('[base] ##[error]x');
    expect(lines().at(-1)).toBe('::T1::');
  });

  it('stay together when several printers are open, and each end is counted once', () => {
    const { log, lines } = aLog();
    const [a, b] = [log.foreign('a: '), log.foreign('b: ')];
    a.line('1');
    b.line('2');
    a.end();
    a.end();
    b.line('3');
    b.end();
    expect(lines()).toEqual(['::stop-commands::T1', 'a: 1', 'b: 2', 'b: 3', '::T1::']);
  });

  it('make room for a command of ours, under a new token afterwards', () => {
    const { log, lines } = aLog();
    const printer = log.foreign();
    printer.line('one');
    log.group('Push');
    printer.line('two');
    log.mask('hunter2-hunter2');
    log.warning('careful');
    printer.end();
    expect(lines().slice(0, 6)).toEqual([
      '::stop-commands::T1',
      'one',
      '::T1::',
      '::group::Push',
      '::stop-commands::T2',
      'two',
    ]);
    expect(lines()).toContain('::add-mask::hunter2-hunter2');
    expect(lines().indexOf('::T2::')).toBeLessThan(lines().indexOf('::add-mask::hunter2-hunter2'));
    expect(lines().at(-1)).toBe('::warning::careful');
  });

  it('need no bracket when there are none', () => {
    const { log, lines } = aLog();
    log.foreign().end();
    expect(lines()).toEqual([]);
  });

  it('keep no escape sequences', () => {
    const { log, lines } = aLog();
    log.foreign().line('\u001b[31mred\u001b[0m \u001b]0;title\u0007\u0008x\ty');
    expect(lines()[1]).toBe('red x\ty');
  });
});

describe('our own lines on a runner', () => {
  it('cannot be made into commands by the values in them', () => {
    const { log, lines, obeyed } = aLog();
    log.info(`The tag is v1\n::error::${'x'}\nand\r::add-mask::y ##[error]`);
    log.info('next');
    expect(obeyed()).toEqual([]);
    expect(lines()).toContain('::error::x');
    expect(lines().slice(-2)).toEqual(['::T1::', 'next']);
  });

  it('are commands where they are meant to be, on one line each', () => {
    const { log, lines } = aLog();
    log.group('Build\n::error::');
    log.notice('a\n::error::b');
    log.warning('later', { file: 'manifest.json', line: 7 });
    log.problem({
      code: 'VERSION_MISMATCH',
      message: 'manifest.json has 1.0.0\n::error::x',
      hint: 'Bump it.',
      at: { file: 'manifest.json', line: 3 },
    });
    log.endGroup();
    expect(lines()).toEqual([
      '::group::Build',
      '::notice::a%0A::error::b',
      '::warning file=manifest.json,line=7::later',
      '::error file=manifest.json,line=3,title=VERSION_MISMATCH::VERSION_MISMATCH: manifest.json has 1.0.0\\n::error::x%0ABump it.',
      '::endgroup::',
    ]);
  });

  it('keep the hint of a problem with a value of many kilobytes', () => {
    const { log, lines } = aLog();
    log.problem({ code: 'INPUT_INVALID', message: `registry: ${'x'.repeat(10_000)}`, hint: 'Shorten it.' });
    expect(lines()[0]?.length).toBeLessThan(4000);
    expect(lines()[0]).toMatch(/Shorten it\.$/);
  });

  it('show debug lines only when asked', () => {
    const quiet = aLog();
    quiet.log.debug('a');
    expect(quiet.lines()).toEqual([]);
    const loud = aLog({ debug: true });
    loud.log.debug('a\nb');
    expect(loud.lines()).toEqual(['::debug::a', '::debug::b']);
  });
});

describe('secrets', () => {
  it.each([true, false])('appear nowhere once they are masked (on a runner: %s)', (onRunner) => {
    const { log, lines } = aLog({ onRunner, debug: true });
    log.mask('hunter2-hunter2\nsecond-line');
    const before = lines().length;
    log.info('a hunter2-hunter2\nsecond-line');
    log.debug('second-line');
    log.notice('hunter2-hunter2');
    log.warning('second-line');
    log.problem({ code: 'INTERNAL', message: 'hunter2-hunter2', hint: 'second-line' });
    log.group('second-line');
    const printer = log.foreign();
    printer.line('x=hunter2-hunter2 and hunter2\u001b[0m-hunter2');
    printer.line(Buffer.from('hunter2-hunter2\nsecond-line').toString('base64'));
    printer.end();
    const said = lines().slice(before).join('\n');
    expect(said).not.toMatch(/hunter2-hunter2|second-line|aHVudGVyMi1odW50ZXIy/);
    expect(said).toContain('***');
  });

  it('are told to the runner in all their forms, and to nobody else', () => {
    const there = aLog();
    there.log.mask('a%b/c d');
    expect(there.lines()).toContain('::add-mask::a%25b/c d');
    expect(there.lines()).toContain('::add-mask::a%2525b%252Fc%2520d');
    const here = aLog({ onRunner: false });
    here.log.mask('a%b/c d');
    expect(here.lines()).toEqual([]);
  });
});

describe('a secret at the place where a long message is cut', () => {
  it('leaves no half of it', () => {
    const { log, lines } = aLog();
    log.mask('hunter2-hunter2');
    log.problem({ code: 'INTERNAL', message: `${'x'.repeat(2990)}hunter2-hunter2`, hint: 'h' });
    expect(lines().at(-1)).toMatch(/x\*\*\*%0Ah$/);
  });
});

describe('without a runner', () => {
  it('prints words and no commands', () => {
    const { log, lines } = aLog({ onRunner: false, debug: true });
    log.group('Build');
    log.warning('careful');
    log.problem({ code: 'DISK_LOW', message: 'free: 1 GB', hint: 'Free space.' });
    const printer = log.foreign('[base] ');
    printer.line('#1 done');
    printer.end();
    log.endGroup();
    log.debug('d');
    expect(lines()).toEqual([
      '',
      '== Build',
      'Warning: careful',
      'Error: DISK_LOW: free: 1 GB',
      'Free space.',
      '[base] #1 done',
      'Debug: d',
    ]);
  });
});
