import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type E2eBench, e2eBench } from '../helpers/e2e-bench.ts';
import { writeFiles } from '../helpers/git-repository.ts';
import { addWheels, aModule, ON_PYTHON } from '../helpers/module-bench.ts';
import { sdkProgram } from '../helpers/publish-platform/sdk.ts';
import { judge } from './helpers/judges.ts';

/** What `hla-compass serve` starts in an image: theirs and ours, in the image that a release has made. */
let bench: E2eBench;
let image: string;
/** With the platform's own script, and a user interface. */
let folder: string;

beforeAll(async () => {
  bench = await e2eBench();
  const checkout = bench.checkout(aModule());
  addWheels(checkout.folder);
  const run = await bench.run(checkout, ON_PYTHON, { ref: 'refs/tags/v1.0.0' });
  expect({ status: run.outputs.status, log: run.log.slice(-2000) }).toMatchObject({ status: 'released' });
  image = run.outputs['image-ref'] ?? '';
  folder = bench.folder('serve');
  writeFiles(folder, { 'ui/bundle.js': 'export const ui = 1;\n', 'ui/style.css': 'a {}' });
  const python = join(dirname(realpathSync(sdkProgram('2.1'))), 'python');
  const write = 'from hla_compass.cli.module import _write_container_serve_script as write';
  const code = `import pathlib, sys\n${write}\nwrite(pathlib.Path(sys.argv[1]))`;
  execFileSync(python, ['-B', '-c', code, folder], { env: { HOME: folder } });
});
afterAll(async () => {
  await judge('docker', 'image', 'rm', '--force', image);
  await bench.dispose();
});

type Served = { readonly status: number; readonly type: string | null; readonly text: string };

/** Starts a script as the tool does, asks it and stops it. */
async function serve(
  script: string,
  ui: boolean,
  requests: readonly (readonly [path: string, body?: string])[],
): Promise<readonly Served[]> {
  const volumes = ['--volume', `${folder}:/theirs:ro`];
  if (ui) volumes.push('--volume', `${folder}/ui:/app/ui/dist:ro`);
  const options = ['--detach', '--publish', '127.0.0.1::8080', ...volumes, '--entrypoint', 'python'];
  const id = await judge('docker', 'run', ...options, image, script);
  try {
    const port = (await judge('docker', 'port', id, '8080/tcp')).split(':').at(-1);
    const ask = async (path: string, body?: string): Promise<Served> => {
      const init = body === undefined ? {} : { method: 'POST', body };
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
      return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
    };
    for (let left = 2000; left > 0; left -= 1) {
      const isThere = await ask('/').then(
        () => true,
        () => false,
      );
      if (isThere) break;
      await sleep(100);
    }
    const answers: Served[] = [];
    for (const [path, body] of requests) answers.push(await ask(path, body));
    return answers;
  } finally {
    await judge('docker', 'rm', '--force', id);
  }
}

/** Without times, and without pages, which are everybody's own. */
function told({ status, type, text }: Served) {
  if (type === 'text/html') return { status, type };
  if (type !== 'application/json') return { status, type, text };
  const { metadata: _, ...rest } = JSON.parse(text);
  return { status, type, rest };
}

const OURS = '/app/container-serve.py';
const THEIRS = '/theirs/container-serve.py';

it('answers as the one of the platform does', async () => {
  const requests = [
    ['/'],
    ['/api/execute', JSON.stringify({ input: { peptides: ['AA', 'B'] } })],
    ['/api/execute', '{}'],
    ['/api/other', '{}'],
    ['/api/other'],
    ['/bundle.js'],
    ['/style.css?v=1'],
    ['/some/page'],
    ['/%2e%2e/%2e%2e/manifest.json'],
  ] as const;
  const [mine, real] = await Promise.all([serve(OURS, true, requests), serve(THEIRS, true, requests)]);
  expect(mine.map(told)).toEqual(real.map(told));
  expect(mine[0]?.text).toContain('/bundle.standalone.js');
  expect(JSON.parse(mine[1]?.text ?? '')).toMatchObject({
    status: 'success',
    results: { lengths: { 1: 1, 2: 1 } },
  });
  expect(mine[5]?.text).toBe('export const ui = 1;\n');
});

it('gives nothing away beside the user interface, however it is asked', async () => {
  const [answer] = await serve(OURS, true, [['/..%2f..%2fmanifest.json']]);
  expect(answer?.text).not.toContain('peptide-lengths');
  const [without] = await serve(OURS, false, [['/']]);
  expect(without).toMatchObject({ status: 200, type: 'text/html' });
});
