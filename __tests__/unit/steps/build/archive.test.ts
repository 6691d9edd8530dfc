import { describe, expect, it } from '@jest/globals';
import { openArchive } from '../../../../src/steps/build/archive.ts';
import { fakeExec } from '../../../helpers/fake-exec.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

function world(list: string) {
  const files = memoryFiles();
  const exec = fakeExec()
    .on('tar --list', { stdout: list })
    .on('tar --extract', ({ args }) => {
      const names = args.slice(args.indexOf('--') + 1);
      for (const name of names)
        if (name === 'link') files.links.set('/out/link', '/etc/passwd');
        else files.tree.set(`/out/${name.replace(/^\.\//, '')}`, new Uint8Array([1]));
      return {};
    });
  return { files, exec };
}

describe('an archive of a stranger', () => {
  it('gives up only the files asked for, each once, however they are called', async () => {
    const ports = world('./\n./index.json\n./blobs/sha256/\n./blobs/sha256/abc\n-rf\n');
    const archive = await openArchive('/a.tar', '/out', ports);
    expect([archive.has('index.json'), archive.has('none'), archive.has('blobs/sha256')]).toEqual([
      true,
      false,
      false,
    ]);
    await archive.extract(['index.json', 'none', '-rf']);
    await archive.extract(['index.json']);
    expect(ports.exec.lines().slice(1)).toEqual([
      'tar --extract --file /a.tar --directory /out --no-same-owner --no-same-permissions -- ./index.json -rf',
    ]);
    expect(archive.path('index.json')).toBe('/out/index.json');
  });

  it('gives up no link and nothing outside of itself', async () => {
    const ports = world('link\n../up\n/abs\na/../../b\n');
    const archive = await openArchive('/a.tar', '/out', ports);
    for (const name of ['link', '../up', '/abs', 'a/../../b'])
      await expect(archive.extract([name])).rejects.toMatchObject({ code: 'SOURCE_INVALID' });
  });

  it('is refused when tar cannot read it', async () => {
    const exec = fakeExec().on('tar', { exitCode: 2, stderr: 'tar: This does not look like a tar archive' });
    await expect(openArchive('/a.tar', '/out', { exec, files: memoryFiles() })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      message: expect.stringContaining('/a.tar'),
    });
  });
});
