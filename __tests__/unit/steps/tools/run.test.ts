import { describe, expect, it } from '@jest/globals';
import { digestFromHex } from '../../../../src/model/digest.ts';
import { ReleaseError } from '../../../../src/model/errors.ts';
import { acquireTool, type ToolSpec } from '../../../../src/steps/tools/run.ts';
import { type FakeExec, fakeExec } from '../../../helpers/fake-exec.ts';
import { fakeLog } from '../../../helpers/fake-log.ts';
import { noSigstore } from '../../../helpers/fake-ports.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const HEX = 'ab'.repeat(32);
const FILE = 'trivy_0.69.3_Linux-64bit.tar.gz';
const CACHED = '/tools/trivy/0.69.3/x64/trivy';

const spec = (over: Partial<ToolSpec> = {}): ToolSpec => ({
  name: 'trivy',
  version: '0.69.3',
  checksums: { [FILE]: HEX },
  offline: false,
  host: { os: 'linux', arch: 'x64' },
  prove: async () => 'nothing is proven here',
  ...over,
});

/** `served`: URL → digest in hex of what lies there. */
function world(
  options: { exec?: FakeExec; served?: Record<string, string>; files?: Record<string, string> } = {},
) {
  const files = memoryFiles(options.files ?? {}, { temp: '/temp' });
  const asked: string[] = [];
  const exec =
    options.exec ??
    fakeExec()
      .on('tar', async () => {
        await files.write('/temp/tool-trivy/trivy', 'binary');
        return {};
      })
      .on(/^\/temp\/tool-trivy\/trivy /, { stdout: 'Version: 0.69.3\n' });
  const download = {
    async file(url: string, path: string) {
      asked.push(url);
      const hex = options.served?.[url];
      if (hex === undefined) return undefined;
      await files.write(path, 'archive');
      return digestFromHex(hex);
    },
  };
  return { exec, files, download, asked, sigstore: noSigstore(), log: fakeLog() };
}

const VENDOR = `https://github.com/aquasecurity/trivy/releases/download/v0.69.3/${FILE}`;

describe('a given path', () => {
  it('is used, and nothing else is looked for', async () => {
    const exec = fakeExec({ trivy: '/usr/bin/trivy' }).on('/opt/trivy', { stdout: 'Version: 0.70.0\n' });
    const ports = world({ exec });
    expect(await acquireTool(spec({ path: '/opt/trivy' }), ports)).toEqual({
      name: 'trivy',
      version: '0.70.0',
      path: '/opt/trivy',
      from: 'trivy-path',
    });
    expect(exec.calls.map(({ file, cwd, environment }) => ({ file, cwd, environment }))).toEqual([
      { file: '/opt/trivy', cwd: '/opt', environment: 'minimal' },
    ]);
  });

  it.each([
    ['does not start', new ReleaseError('TOOL_MISSING', 'no such file'), 'TOOL_MISSING', 'does not run'],
    ['fails', { exitCode: 1, stdout: 'Version: 0.70.0' }, 'TOOL_MISSING', 'does not run'],
    ['is another program', { stdout: 'usage: trivy' }, 'TOOL_MISSING', 'does not run'],
    ['is too old', { stdout: 'Version: 0.50.1\n' }, 'TOOL_MISSING', 'older than 0.64.0'],
    ['is an attacker’s release', { stdout: 'Version: 0.69.4\n' }, 'TOOL_UNVERIFIED', 'attacker'],
  ] as const)('that %s is refused', async (_name, reply, code, text) => {
    const ports = world({ exec: fakeExec({ trivy: '/usr/bin/trivy' }).on('/opt/trivy', reply) });
    const failure = acquireTool(spec({ path: '/opt/trivy' }), ports);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });
});

describe('PATH and the tool cache', () => {
  const cache = { '/tools/trivy/0.69.3/x64.complete': '', [CACHED]: 'binary' };

  it.each([
    ['a fit one on PATH wins', '0.67.2', cache, { path: '/usr/bin/trivy', version: '0.67.2', from: 'PATH' }],
    [
      'an old one on PATH does not',
      '0.60.0',
      cache,
      { path: CACHED, version: '0.69.3', from: 'the tool cache' },
    ],
    [
      'one without a version does not',
      'dev',
      cache,
      { path: CACHED, version: '0.69.3', from: 'the tool cache' },
    ],
    ['an unfinished tool cache is left alone', 'dev', { [CACHED]: 'x' }, { path: CACHED, from: VENDOR }],
  ])('%s', async (_name, onPath, tree, expected) => {
    const ports = world({ served: { [VENDOR]: HEX }, files: tree });
    const exec = fakeExec({ trivy: '/usr/bin/trivy' })
      .on('/usr/bin/trivy', { stdout: `Version: ${onPath}\n` })
      .on(CACHED, { stdout: 'Version: 0.69.3\n' })
      .on(/./, (command) => ports.exec.run(command));
    const tool = await acquireTool(spec({ toolCache: '/tools' }), { ...ports, exec });
    expect(tool).toMatchObject(expected);
  });

  it('never goes past an attacker’s release that stands on PATH', async () => {
    const exec = fakeExec({ trivy: '/usr/bin/trivy' }).on('/usr/bin/trivy', { stdout: 'Version: 0.69.5\n' });
    const ports = world({ exec, served: { [VENDOR]: HEX } });
    await expect(acquireTool(spec(), ports)).rejects.toMatchObject({ code: 'TOOL_UNVERIFIED' });
    expect(ports.asked).toEqual([]);
  });

  it('does not trust a tool cache whose program tells another version', async () => {
    const ports = world({ served: { [VENDOR]: HEX }, files: cache });
    const exec = fakeExec()
      .on(CACHED, { stdout: 'Version: 0.68.0\n' })
      .on(/./, (command) => ports.exec.run(command));
    expect((await acquireTool(spec({ toolCache: '/tools' }), { ...ports, exec })).from).toBe(VENDOR);
  });
});

describe('the download', () => {
  it('is kept in the tool cache for the next job', async () => {
    const ports = world({ served: { [VENDOR]: HEX } });
    const tool = await acquireTool(spec({ toolCache: '/tools' }), ports);
    expect(tool).toEqual({ name: 'trivy', version: '0.69.3', path: CACHED, from: VENDOR });
    expect([...ports.files.tree.keys()].sort()).toEqual(['/tools/trivy/0.69.3/x64.complete', CACHED]);
    expect(ports.exec.lines()[0]).toBe(`tar -xzf /temp/tool-trivy/${FILE} -C /temp/tool-trivy -o trivy`);
  });

  it('stays in the temporary folder without a tool cache', async () => {
    const tool = await acquireTool(spec(), world({ served: { [VENDOR]: HEX } }));
    expect(tool.path).toBe('/temp/tool-trivy/trivy');
  });

  it('with another SHA-256 is removed, and nothing of it is opened or run', async () => {
    const ports = world({ served: { [VENDOR]: 'cd'.repeat(32) } });
    await expect(acquireTool(spec(), ports)).rejects.toMatchObject({
      code: 'TOOL_UNVERIFIED',
      message: expect.stringContaining(`expected ${HEX}`),
    });
    expect(ports.exec.calls).toEqual([]);
    expect([...ports.files.tree.keys()]).toEqual([]);
  });

  it('has its SHA-256 compiled in, or from the input, which wins; else the archive is not even fetched', async () => {
    const compiled = '1816b632dfe529869c740c0913e36bd1629cb7688bd5634f4a858c1d57c88b75';
    const builtIn = world({ served: { [VENDOR]: compiled } });
    expect((await acquireTool(spec({ checksums: {} }), builtIn)).from).toBe(VENDOR);
    const other = world({ served: { [VENDOR]: compiled } });
    await expect(acquireTool(spec(), other)).rejects.toMatchObject({ code: 'TOOL_UNVERIFIED' });
    const none = world({ served: { [VENDOR]: HEX } });
    await expect(acquireTool(spec({ version: '0.69.1', checksums: {} }), none)).rejects.toMatchObject({
      code: 'TOOL_UNVERIFIED',
      message: 'no SHA-256 is known for the download of Trivy: trivy_0.69.1_Linux-64bit.tar.gz',
      hint: expect.stringMatching(/tool-checksums.*trivy-path/),
    });
    expect(none.asked).toEqual([expect.stringMatching(/trivy_0\.69\.1_checksums\.txt$/)]);
  });

  it('names what Syft needs', async () => {
    const failure = acquireTool(spec({ name: 'syft', version: '1.38.0', checksums: {} }), world());
    await expect(failure).rejects.toMatchObject({
      code: 'TOOL_UNVERIFIED',
      hint: 'There is no signed checksums file of that release. Give it in `tool-checksums` (`syft_1.38.0_linux_amd64.tar.gz <sha256>`), or install Syft and set `syft-path`.',
    });
  });

  it('looks at both places of a mirror, never at the vendor', async () => {
    const flat = `https://mirror.example.com/${FILE}`;
    const ports = world({ served: { [flat]: HEX, [VENDOR]: HEX } });
    expect((await acquireTool(spec({ mirror: 'https://mirror.example.com' }), ports)).from).toBe(flat);
    const empty = world({ served: { [VENDOR]: HEX } });
    const failure = acquireTool(spec({ mirror: 'https://mirror.example.com' }), empty);
    await expect(failure).rejects.toMatchObject({ code: 'TOOL_MISSING' });
    expect(empty.asked).toHaveLength(2);
  });

  it.each([
    ['offline', { offline: true }, 'TOOL_MISSING', '`offline` forbids'],
    ['on an unknown machine', { host: { os: 'win32', arch: 'x64' } }, 'TOOL_MISSING', 'win32/x64'],
    ['of an attacker’s release', { version: '0.69.4' }, 'TOOL_UNVERIFIED', 'attacker'],
    ['of an old version', { version: 'v0.50.0' }, 'TOOL_MISSING', 'older than 0.64.0'],
    ['of what is no version', { version: '../../etc' }, 'INPUT_INVALID', 'no version'],
  ])('is refused %s', async (_name, over, code, text) => {
    const ports = world({ served: { [VENDOR]: HEX } });
    const failure = acquireTool(spec(over), ports);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    expect(ports.asked).toEqual([]);
  });

  it.each([
    ['cannot be unpacked', { exitCode: 2, stderr: 'tar: not found in archive' }, { stdout: '' }],
    ['holds another version', {}, { stdout: 'Version: 0.69.4\n' }],
    ['holds what does not run', {}, { exitCode: 126 }],
  ])('that %s is refused although its SHA-256 is right', async (_name, tar, asked) => {
    const exec = fakeExec().on('tar', tar).on(/./, asked);
    const ports = world({ exec, served: { [VENDOR]: HEX } });
    await expect(acquireTool(spec(), ports)).rejects.toMatchObject({ code: 'TOOL_UNVERIFIED' });
  });
});
