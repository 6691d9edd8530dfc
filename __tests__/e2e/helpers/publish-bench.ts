import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { contextOf, type E2eBench } from '../../helpers/e2e-bench.ts';
import type { GitRepository } from '../../helpers/git-repository.ts';
import { aManifest, moduleFiles } from '../../helpers/module/module-files.ts';
import type { PlatformRequest } from '../../helpers/publish-platform/platform.ts';
import { type Generation, sdkProgram } from '../../helpers/publish-platform/sdk.ts';

export { aManifest };

const pair = generateKeyPairSync('rsa', { modulusLength: 4096 });
/** The identity of a publisher. */
export const KEY = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const PUBLIC_KEY = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** A checkout of `v1.2.3` of a module with a Dockerfile of its own. */
export function aModule(
  bench: E2eBench,
  manifest: Record<string, unknown> = aManifest(),
  more: Readonly<Record<string, string>> = {},
): GitRepository {
  const files = Object.entries(moduleFiles(manifest)).flatMap(([path, content]) =>
    content === null ? [] : [[path, content] as const],
  );
  return bench.checkout({
    ...contextOf({ 'opt/module': 'peptides' }),
    ...Object.fromEntries(files),
    ...more,
  });
}

type CliRun = { readonly exitCode: number; readonly output: string };

/** The real command line on a checkout, at an address, with our key and this token. */
export async function runCli(
  generation: Generation,
  { cwd, url, config }: { readonly cwd: string; readonly url: string; readonly config: string },
  args: readonly string[],
  env: Readonly<Record<string, string>> = { HLA_ACCESS_TOKEN: 'access-token' },
): Promise<CliRun> {
  mkdirSync(join(config, 'keys'), { recursive: true });
  writeFileSync(join(config, 'keys/private.pem'), KEY, { mode: 0o600 });
  writeFileSync(join(config, 'keys/public.pem'), PUBLIC_KEY);
  const options = {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: config,
      HLA_API_ENDPOINT: url,
      HLA_COMPASS_CONFIG_DIR: config,
      HLA_COMPASS_SKIP_VERSION_CHECK: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      ...env,
    },
  } as const;
  try {
    const { stdout, stderr } = await promisify(execFile)(sdkProgram(generation), [...args], options);
    return { exitCode: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { exitCode: code, output: stdout + stderr };
  }
}

/** Headers that are the client's own, or another one in each request. */
const OWN = ['user-agent', 'accept-encoding', 'connection'];
const EACH = ['x-request-id', 'idempotency-key'];

/** A request without what differs between two runs of the very same client: of those only that they are there. */
export function comparable({ method, path, headers, body }: PlatformRequest) {
  const kept = Object.entries(headers)
    .filter(([name]) => !OWN.includes(name))
    .map(([name, value]) => [name, EACH.includes(name) ? 'some' : value] as const);
  const json = body === '' ? undefined : JSON.parse(body);
  if (json?.manifest?.signature !== undefined) json.manifest.signature = json.manifest.signature.length;
  return { method, path, headers: Object.fromEntries(kept), body: json, keys: keysOf(json) };
}

/** In the order in which they were written. */
function keysOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).map(([key, member]) => [key, keysOf(member)]);
}
