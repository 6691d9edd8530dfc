import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDownload } from '../../src/adapters/download/https-download.ts';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { hexOf } from '../../src/model/digest.ts';
import type { ToolName } from '../../src/model/tool.ts';
import { CATALOGUE } from '../../src/steps/tools/catalogue.ts';
import { acquireTool } from '../../src/steps/tools/run.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { noSigstore } from '../helpers/fake-ports.ts';
import { scratchFiles } from '../helpers/scratch-files.ts';
import { toolPath } from '../helpers/tool-path.ts';

/** The real tools, packed as their vendors pack them, behind a mirror on loopback. */
const HOST = { os: process.platform, arch: process.arch };
const { files, clean } = scratchFiles();
const version: Record<string, string> = {};
let root = '';
let mirror: Server;
let base = '';
let requests: string[] = [];

async function pack(name: ToolName): Promise<void> {
  const path = toolPath(name);
  const printed = execFileSync(path, [...CATALOGUE[name].versionArgs], { encoding: 'utf8' });
  const told = CATALOGUE[name].versionPattern.exec(printed)?.[1] ?? '';
  version[name] = told;
  const archive = join(root, 'mirror', CATALOGUE[name].archive(told, HOST) ?? '');
  await writeFile(
    join(dirname(archive), 'README.md'),
    'A file beside the program, as in the real archives.\n',
  );
  const parts = ['-C', dirname(archive), 'README.md', '-C', dirname(path), basename(path)];
  execFileSync('tar', ['-c', '-I', 'gzip -1', '-f', archive, ...parts]);
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mr-tools-'));
  await mkdir(join(root, 'mirror'));
  await Promise.all([pack('trivy'), pack('syft')]);
  mirror = createServer((request, response) => {
    requests.push(request.url ?? '');
    const path = join(root, 'mirror', (request.url ?? '').slice(1));
    if (!existsSync(path)) return void response.writeHead(404).end();
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((done) => mirror.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
});

afterAll(async () => {
  mirror.close();
  await clean();
  await rm(root, { recursive: true });
});

async function acquire(name: ToolName, sha256: string, toolCache: string) {
  requests = [];
  const file = CATALOGUE[name].archive(version[name] ?? '', HOST) ?? '';
  const exec = createExec();
  const ran: string[] = [];
  const tool = acquireTool(
    {
      name,
      version: version[name] ?? '',
      checksums: { [file]: sha256 },
      mirror: base,
      offline: false,
      host: HOST,
      toolCache,
      prove: async () => 'nothing is proven here',
    },
    {
      // PATH is taken away: this machine has both tools.
      exec: {
        which: async () => undefined,
        run: (command) => {
          ran.push(command.file);
          return exec.run(command);
        },
      },
      files,
      download: createDownload({ clock: { sleep: async () => undefined }, env: {} }),
      sigstore: noSigstore(),
      log: fakeLog(),
    },
  );
  return { tool, ran, file };
}

describe.each(['trivy', 'syft'] as const)('the real %s from a mirror', (name) => {
  const cache = (): string => join(root, `cache-${name}`);
  const archive = (): string =>
    join(root, 'mirror', CATALOGUE[name].archive(version[name] ?? '', HOST) ?? '');

  it('is refused with another checksum: nothing is opened, run or kept', async () => {
    const { tool, ran } = await acquire(name, '0'.repeat(64), cache());
    await expect(tool).rejects.toMatchObject({ code: 'TOOL_UNVERIFIED' });
    expect(ran).toEqual([]);
    expect(existsSync(cache())).toBe(false);
  });

  it('is installed with the right one, and runs', async () => {
    const { tool, file } = await acquire(name, hexOf(await files.hash(archive())), cache());
    expect(await tool).toEqual({
      name,
      version: version[name],
      path: join(cache(), name, version[name] ?? '', HOST.arch, name),
      from: `${base}/${file}`,
    });
    expect(execFileSync((await tool).path, ['--version'], { encoding: 'utf8' })).toContain(version[name]);
    expect(await readdir(dirname((await tool).path))).toEqual([name]);
  });

  it('is found in the tool cache by the next run, which asks the mirror for nothing', async () => {
    const { tool } = await acquire(name, '0'.repeat(64), cache());
    expect(await tool).toMatchObject({ from: 'the tool cache' });
    expect(requests).toEqual([]);
  });
});

describe('a program under a false name', () => {
  it('is refused although its checksum is right', async () => {
    const folder = join(root, 'impostor');
    await mkdir(folder);
    await copyFile('/bin/true', join(folder, 'syft'));
    await chmod(join(folder, 'syft'), 0o755);
    const archive = join(root, 'mirror', CATALOGUE.syft.archive(version.syft ?? '', HOST) ?? '');
    execFileSync('tar', ['-czf', archive, '-C', folder, 'syft']);
    expect((await stat(archive)).size).toBeGreaterThan(0);
    const { tool } = await acquire('syft', hexOf(await files.hash(archive)), join(root, 'cache-impostor'));
    await expect(tool).rejects.toMatchObject({
      code: 'TOOL_UNVERIFIED',
      message: expect.stringContaining('holds another version'),
    });
  });
});
