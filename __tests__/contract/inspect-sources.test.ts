import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { scanSources } from '../../src/steps/inspect/run.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { TRIVY } from '../helpers/scan-bench.ts';
import { scratchFiles } from '../helpers/scratch-files.ts';
import { PLANTED_SECRET } from '../helpers/vulnerable-layout.ts';

const { files, clean } = scratchFiles();
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mr-sources-'));
});
afterAll(async () => {
  await clean();
  await rm(root, { recursive: true });
});

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name, path)), { recursive: true });
    await writeFile(join(root, name, path), text);
  }
  return join(root, name);
}

async function scan(folders: readonly string[]) {
  const log = fakeLog();
  const ports = { exec: createExec(), files, log };
  return { found: await scanSources(folders, { trivy: TRIVY, timeoutSeconds: 60 }, ports), log };
}

const LEAK = `first line\nAWS_ACCESS_KEY_ID=${PLANTED_SECRET}\n`;

describe('secrets in the sources', () => {
  it('are found by folder, without any database', async () => {
    const dirty = await folder('dirty', { 'deep/config.env': LEAK, 'README.md': 'nothing' });
    const clean = await folder('clean', { 'config.env': 'nothing\n' });
    const { found, log } = await scan([clean, dirty]);
    expect(
      found.map(({ findings }) => findings.map(({ kind, id, location, line }) => [kind, id, location, line])),
    ).toEqual([[], [['secret', 'aws-access-key-id', 'deep/config.env', 2]]]);
    expect(found.map((each) => each.folder)).toEqual([clean, dirty]);
    expect(JSON.stringify([found, log.lines])).not.toContain(PLANTED_SECRET);
  });

  it('are found although files of the checkout tell Trivy to look away', async () => {
    const hostile = await folder('hostile', {
      'config.env': LEAK,
      '.trivyignore': 'aws-access-key-id\n',
      '.trivyignore.yaml': 'secrets: [{ id: aws-access-key-id }]\n',
      'trivy.yaml': 'scan: { skip-files: [config.env], scanners: [vuln] }\nseverity: [LOW]\n',
      'trivy-secret.yaml': 'disable-rules: [aws-access-key-id]\n',
    });
    const before = process.cwd();
    process.chdir(hostile);
    try {
      const [only] = (await scan([hostile])).found;
      expect(only!.findings.map(({ location }) => location)).toEqual(['config.env']);
    } finally {
      process.chdir(before);
    }
  });

  it('are found behind a link to a folder', async () => {
    await folder('linked', { 'config.env': LEAK });
    await symlink('linked', join(root, 'link'));
    const [only] = (await scan([join(root, 'link')])).found;
    expect(only!.folder).toBe(join(root, 'link'));
    expect(only!.findings.map(({ location }) => location)).toEqual(['config.env']);
  });

  it('in a folder that does not exist are a failed scan, not a clean one', async () => {
    await expect(scan([join(root, 'nowhere')])).rejects.toMatchObject({ code: 'SCAN_FAILED' });
  });
});
