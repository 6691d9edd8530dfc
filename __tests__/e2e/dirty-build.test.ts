import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contextOf, type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { annotationsOf, readRunnerLog } from '../helpers/runner-log.ts';
import { toolPath } from '../helpers/tool-path.ts';
import { PLANTED_SECRET } from '../helpers/vulnerable-layout.ts';
import { expectHarmless } from './helpers/hostile.ts';

let bench: E2eBench;

beforeEach(async () => {
  bench = await e2eBench();
});
afterEach(() => bench.dispose());

/** Every command of the runner, at the start of a line and where a careless printer would put one there. */
const COMMANDS = [
  '::error::pwned',
  '::error title=pwned,file=a::pwned',
  '::warning::pwned',
  '::notice::pwned',
  '::debug::pwned',
  '::add-mask::pwned',
  '::add-matcher::pwned.json',
  '::remove-matcher owner=pwned::',
  '::add-path::pwned',
  '::set-env name=PATH::pwned',
  '::set-output name=status::pwned',
  '::save-state name=builder::pwned',
  '::group::pwned',
  '::endgroup::',
  '::echo::on',
  '::stop-commands::pwned',
  '::pwned::',
  '##[error]pwned',
  'x ##[set-output name=status;]pwned',
  '  ::error::pwned',
  '\t::error::pwned',
  '\u001b[31m::error::pwned',
  '\u200b::error::pwned',
  '\ufeff::error::pwned',
  '\u00a0::error::pwned',
  'progress\r::error::pwned',
  '%0A::error::pwned',
  '{"vertexes":[{"digest":"sha256:0","name":"::error::pwned"}]}',
];

const DOCKERFILE = [
  'FROM scratch',
  'COPY --chmod=755 sh /bin/sh',
  'COPY lines /',
  'RUN while IFS= read -r line; do echo "$line"; echo "$line" >&2; done < /lines',
  "RUN : '::error::pwned' ##[error]pwned",
];

/** A checkout whose build prints them all, and goes on as told. */
function noisy(...rest: readonly string[]) {
  return bench.checkout({
    sh: readFileSync(toolPath('busybox')),
    lines: `${COMMANDS.join('\n')}\n${bench.root}\n`,
    Dockerfile: [...DOCKERFILE, ...rest, ''].join('\n'),
  });
}

describe('what a Dockerfile prints', () => {
  it('reaches the log, and never the runner as a command', async () => {
    const checkout = noisy();
    const run = await bench.run(checkout);
    expect(run.outputs.status).toBe('released');
    expectHarmless(run, [checkout.folder]);
    const { commands, plain } = readRunnerLog(run.log);
    expect(commands.filter(({ data }) => data.includes('pwned'))).toEqual([]);
    expect(commands.filter(({ name }) => name === 'error')).toEqual([]);
    // It is shown all the same, once for each output.
    const shown = plain.filter((line) => line.endsWith('::set-output name=status::pwned'));
    expect(shown).toHaveLength(2);
    expect(run.log).not.toContain('\u001b');
  });

  it('is no command either when the build fails and its last lines are told', async () => {
    const checkout = noisy("RUN echo '::set-output name=status::pwned'; echo '##[error]pwned' >&2; exit 3");
    const run = await bench.run(checkout);
    expect(run.outputs).toMatchObject({ status: 'failed', 'error-code': 'BUILD_FAILED' });
    expectHarmless(run, [checkout.folder]);
    const errors = annotationsOf(run.log).filter(({ level }) => level === 'error');
    expect(errors).toMatchObject([
      {
        title: 'BUILD_FAILED',
        text: expect.stringMatching(/^BUILD_FAILED: the build of \w+ failed.*exit code: 3\n/),
      },
    ]);
    expect(run.log).toMatch(/Caused by: .*set-output name=status::pwned/s);
  });
});

describe('what an image holds', () => {
  const NAME =
    'a\n::set-output name=status::pwned\n##[error]pwned|<img src=x onerror=pwned>`@acme%0A[x](javascript:1)';

  it('stays data in log, summary and reports, whatever its files are called', async () => {
    const lodash = JSON.stringify({ name: 'lodash', version: '4.17.4' });
    const statement = '<img src=x> | @acme/all ::error::pwned';
    const checkout = bench.checkout({
      ...contextOf({
        [`app/${NAME}/node_modules/lodash/package.json`]: lodash,
        [`app/${NAME}/settings.env`]: `AWS_ACCESS_KEY_ID=${PLANTED_SECRET}\n`,
      }),
      'waivers.yml': `vulnerabilities: [{ id: CVE-1, statement: '${statement}', owner: '${statement}' }]\n`,
    });
    const run = await bench.run(checkout, { waivers: 'waivers.yml' });
    expectHarmless(run, [checkout.folder]);
    expect(run.outputs['error-code']).toBe('GATE_SECRET');
    expect(run.log).toContain('CVE-2019-10744');
    expect(run.summary).toContain('CVE-2019-10744');
    expect(run.summary).not.toMatch(/<img|@acme|\]\(javascript/);
    for (const table of tablesOf(run.summary))
      expect(new Set(table.map((line) => line.split('|').length)).size).toBe(1);
    const [sarif] = (run.outputs['sarif-path'] ?? '').split('\n');
    expect(JSON.parse(readFileSync(sarif ?? '', 'utf8')).runs[0].results).toHaveLength(2);
  });
});

/** The lines of each Markdown table. */
function tablesOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split('\n\n')
    .map((block) => block.split('\n').filter((line) => line !== ''))
    .filter(([first]) => first?.startsWith('| '));
}
