import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { descendants, endChildren, killChildren } from '../../../../src/adapters/exec/kill-children.ts';
import { createExec } from '../../../../src/adapters/exec/runner.ts';

const exec = createExec();
const node = process.execPath;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exec test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const script = (code: string) => ({ file: node, args: ['-e', code], environment: 'minimal' as const });

describe('running a tool', () => {
  it('gives both streams and the exit code, and hands over each line', async () => {
    const seen: string[] = [];
    const result = await exec.run({
      ...script('console.log("out"); console.error("err"); process.exitCode = 3'),
      onLine: (line) => seen.push(line),
    });
    expect(result).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(seen.sort()).toEqual(['err', 'out']);
  });

  it('passes arguments as they are: shell characters, quotes, newlines', async () => {
    const args = ['$(id)', 'a b', '"q"', "'", '\\', 'x\ny', '', '*', '--'];
    const { stdout } = await exec.run({
      file: node,
      args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args],
      environment: 'minimal',
    });
    expect(JSON.parse(stdout)).toEqual(args);
  });

  it('writes standard input, and closes it', async () => {
    const echo = script('process.stdin.pipe(process.stdout)');
    expect(await exec.run({ ...echo, stdin: 'hello' })).toMatchObject({ stdout: 'hello' });
    expect(await exec.run({ ...echo, stdin: '' })).toMatchObject({ exitCode: 0, stdout: '' });
  });

  it.each(['', 'x', 'x'.repeat(5_000_000)])(
    'survives a tool that ends before it has read %.1s…',
    async (stdin) => {
      const tool = { file: '/bin/sh', args: ['-c', 'exec <&-; exit 3'], environment: 'minimal' } as const;
      const results = await Promise.all(Array.from({ length: 12 }, () => exec.run({ ...tool, stdin })));
      expect(results.map(({ exitCode }) => exitCode)).toEqual(Array(12).fill(3));
    },
  );

  it('survives tools that are not fed and end at once', async () => {
    const tool = { file: '/bin/sh', args: ['-c', 'exit 4'], environment: 'minimal' } as const;
    const results = await Promise.all(Array.from({ length: 24 }, () => exec.run(tool)));
    expect(results.map(({ exitCode }) => exitCode)).toEqual(Array(24).fill(4));
  });

  it('runs a tool whose path has spaces and quotes, in the given folder', async () => {
    const tool = join(folder, 'my "tool".sh');
    await writeFile(tool, '#!/bin/sh\npwd\n', { mode: 0o755 });
    const result = await exec.run({ file: tool, args: [], environment: 'minimal', cwd: folder });
    expect(result.stdout.trim()).toBe(folder);
  });

  it('reports a tool that a signal ended as failed', async () => {
    const result = await exec.run(
      script('process.kill(process.pid, "SIGKILL"); setTimeout(() => {}, 60000)'),
    );
    expect(result.exitCode).toBe(137);
  });

  it.each([
    ['not there', 'no-such-tool-anywhere'],
    ['a folder', '/tmp'],
  ])('refuses a tool that is %s', async (_, file) => {
    await expect(exec.run({ file, args: [], environment: 'full' })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining(file),
    });
  });

  it('refuses a file that is not executable', async () => {
    const file = join(folder, 'notes.txt');
    await writeFile(file, 'no tool', { mode: 0o644 });
    await expect(exec.run({ file, args: [], environment: 'full' })).rejects.toMatchObject({
      code: 'TOOL_MISSING',
    });
  });

  it('finds tools on PATH by full path', async () => {
    expect(await exec.which('sh')).toMatch(/^\/.*\/sh$/);
    expect(await exec.which('no-such-tool-anywhere')).toBeUndefined();
  });
});

describe('ending what we started', () => {
  it('signals children of children too', async () => {
    const pidFile = join(folder, 'pid');
    const child = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); console.log("up"); setInterval(() => {}, 1000)`;
    const running = exec.run({
      ...script(
        `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(child)}], { stdio: "inherit" }); setInterval(() => {}, 1000)`,
      ),
      onLine: (line) => {
        if (line === 'up') expect(killChildren('SIGTERM').length).toBeGreaterThanOrEqual(2);
      },
    });
    expect((await running).exitCode).not.toBe(0);
  });

  it.each([
    ['waits for one that ends when it is asked', 'process.exit(7)', 60_000, 7],
    ['kills one that does not', 'console.log("no")', 200, 137],
  ])('%s', async (_, onTerm, graceMs, exitCode) => {
    let ended: Promise<void> | undefined;
    const running = exec.run({
      ...script(
        `process.on("SIGTERM", () => setTimeout(() => { ${onTerm} }, 50)); console.log("up"); setInterval(() => {}, 1000)`,
      ),
      onLine: (line) => {
        if (line === 'up') ended = endChildren(graceMs);
      },
    });
    expect((await running).exitCode).toBe(exitCode);
    await ended;
  });

  it('finds descendants in a table of processes, and survives a loop in it', () => {
    const table = new Map([
      [1, [2, 3]],
      [2, [4]],
      [4, [1]],
      [9, [10]],
    ]);
    expect(descendants(1, table)).toEqual([2, 3, 4]);
  });
});
