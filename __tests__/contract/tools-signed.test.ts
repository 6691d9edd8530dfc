import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createDownload } from '../../src/adapters/download/https-download.ts';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { createHttp } from '../../src/adapters/http/http.ts';
import { createOidc } from '../../src/adapters/oidc/oidc.ts';
import { createSigstore } from '../../src/adapters/sigstore/sigstore.ts';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { ReleaseError } from '../../src/model/errors.ts';
import type { ToolName } from '../../src/model/tool.ts';
import { fileProver } from '../../src/pipeline/prove-file.ts';
import type { Sigstore, TrustSpec } from '../../src/ports/sigstore.ts';
import { CATALOGUE } from '../../src/steps/tools/catalogue.ts';
import { acquireTool, type ToolSpec } from '../../src/steps/tools/run.ts';
import { fakeLog } from '../helpers/fake-log.ts';
import { type Claims, type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import { scratchFiles } from '../helpers/scratch-files.ts';
import { type CosignBench, cosignBench } from '../helpers/sigstore/cosign.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

/** Releases as the vendors make them, signed at the stand-in, behind a mirror on loopback. No checksum of them is known. */
const HOST = { os: 'linux', arch: 'x64' };
const VERSION = { trivy: '0.99.1', syft: '1.99.1' } as const;
const PRINTED = { trivy: 'Version: 0.99.1', syft: 'syft 1.99.1' } as const;
const { files, clean } = scratchFiles();

/** What the vendors' release workflows are, by their own documents. */
const WORKFLOWS: Readonly<Record<ToolName, Claims>> = {
  trivy: claimsOf('aquasecurity/trivy', 'reusable-release.yaml', 'refs/tags/v0.99.1'),
  syft: claimsOf('anchore/syft', 'release.yaml', 'refs/heads/main'),
};

function claimsOf(repository: string, workflow: string, ref: string): Claims {
  const [owner = ''] = repository.split('/');
  const path = `${repository}/.github/workflows/${workflow}@${ref}`;
  const sub = `repo:${repository}:ref:${ref}`;
  return { repository, repository_owner: owner, ref, job_workflow_ref: path, workflow_ref: path, sub };
}

let root = '';
let served: Map<string, Uint8Array>;
let asked: string[];
let mirror: Server;
let base = '';
let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'mr-signed-'));
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
  mirror = createServer((request, response) => {
    asked.push(request.url ?? '');
    const bytes = served.get((request.url ?? '').slice(1));
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  await new Promise<void>((done) => mirror.listen(0, '127.0.0.1', done));
  base = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;
});

beforeEach(() => {
  served = new Map();
  asked = [];
});

afterEach(() => sigstore.heal());

afterAll(async () => {
  mirror.closeAllConnections();
  mirror.close();
  await Promise.all([cosign.remove(), sigstore.stop(), oidc.stop(), clean()]);
  await rm(root, { recursive: true });
});

const archiveOf = (name: ToolName) => CATALOGUE[name].archive(VERSION[name], HOST) ?? '';
const sumsOf = (name: ToolName) => `${name}_${VERSION[name]}_checksums.txt`;

/** An archive and the text of its checksums file on the mirror, not signed yet. */
async function release(name: ToolName): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\necho '${PRINTED[name]}'\n`);
  await chmod(join(folder, name), 0o755);
  execFileSync('tar', ['-czf', join(folder, archiveOf(name)), '-C', folder, name]);
  const bytes = await readFile(join(folder, archiveOf(name)));
  served.set(archiveOf(name), bytes);
  const sums = `${'0'.repeat(64)}  other.tar.gz\n${hexOf(digestOf(bytes))}  ${archiveOf(name)}\n`;
  served.set(sumsOf(name), Buffer.from(sums));
  return sums;
}

/** By Sigstore's own library, which signs as cosign does. */
async function signed(text: string, claims: Claims): Promise<Uint8Array> {
  const { FulcioSigner, MessageSignatureBundleBuilder, RekorWitness } = await import('@sigstore/sign');
  const { bundleToJSON } = await import('@sigstore/bundle');
  const builder = new MessageSignatureBundleBuilder({
    signer: new FulcioSigner({
      fulcioBaseURL: sigstore.url,
      identityProvider: { getToken: async () => oidc.token('sigstore', claims) },
      retry: 0,
    }),
    witnesses: [new RekorWitness({ rekorBaseURL: sigstore.url, retry: 0 })],
  });
  return Buffer.from(JSON.stringify(bundleToJSON(await builder.create({ data: Buffer.from(text) }))));
}

/** The same in the two files that cosign 2 wrote: the certificate as base64 of PEM. */
function inTwoFiles(bundle: Uint8Array): { readonly sig: string; readonly pem: string } {
  const { messageSignature, verificationMaterial } = JSON.parse(Buffer.from(bundle).toString());
  const entry = Buffer.from(verificationMaterial.tlogEntries[0].canonicalizedBody, 'base64').toString();
  return { sig: messageSignature.signature, pem: JSON.parse(entry).spec.signature.publicKey.content };
}

function acquire(name: ToolName, over: Partial<ToolSpec> = {}) {
  const log = fakeLog();
  const clock = quickClock();
  const http = createHttp({ clock, log, env: {} });
  const own = createOidc({ env: {}, clock, http, log });
  const publicLog = new URL(sigstore.url);
  const real = createSigstore({ clock, log, http, oidc: own, tufCache: root, publicLog });
  const specs: TrustSpec[] = [];
  const ports = {
    // PATH is taken away: this machine has both tools.
    exec: { ...createExec(), which: async () => undefined },
    files,
    download: createDownload({ clock, env: {} }),
    log,
    sigstore: {
      ...real,
      async verifier(spec: TrustSpec) {
        specs.push(spec);
        return real.verifier({
          kind: 'keyless',
          instance: 'private',
          trustedRoot: sigstore.trustedRoot,
        });
      },
    } satisfies Sigstore,
  };
  const prove = fileProver(ports);
  const spec = {
    name,
    version: VERSION[name],
    checksums: {},
    mirror: base,
    offline: false,
    host: HOST,
    prove,
  };
  return { tool: acquireTool({ ...spec, ...over }, ports), specs, log };
}

async function refused(name: ToolName, code = 'TOOL_UNVERIFIED'): Promise<string> {
  const { tool } = acquire(name);
  const error = await tool.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ReleaseError)) throw new Error(`not refused: ${error}`);
  expect(error.code).toBe(code);
  // The archive is not even asked for.
  expect(asked.some((path) => path.endsWith('.tar.gz'))).toBe(false);
  return error.message;
}

describe.each(['trivy', 'syft'] as const)('%s whose checksums its release workflow signed', (name) => {
  it('with the real cosign, in a bundle, is believed by the public-good root and runs', async () => {
    const sums = await release(name);
    await writeFile(join(cosign.folder, 'sums.txt'), sums);
    await writeFile(join(cosign.folder, 'config.json'), sigstore.signingConfig({ tsa: false }));
    const token = ['--identity-token', oidc.token('sigstore', WORKFLOWS[name])];
    const where = [
      '--signing-config',
      'config.json',
      '--trusted-root',
      'root.json',
      '--bundle',
      'bundle.json',
    ];
    const run = await cosign.run(['sign-blob', '-y', ...token, ...where, 'sums.txt']);
    expect(run).toMatchObject({ code: 0 });
    served.set(`${sumsOf(name)}.sigstore.json`, await readFile(join(cosign.folder, 'bundle.json')));
    const { tool, specs, log } = acquire(name);
    expect(await tool).toMatchObject({ version: VERSION[name], from: `${base}/${archiveOf(name)}` });
    expect(specs).toEqual([{ kind: 'keyless', instance: 'public-good' }]);
    expect(log.lines.join('\n')).toContain(`has signed ${sumsOf(name)}`);
  });

  it('in the two files of older releases is believed with the entry of the log', async () => {
    const { sig, pem } = inTwoFiles(await signed(await release(name), WORKFLOWS[name]));
    served.set(`${sumsOf(name)}.sig`, Buffer.from(`${sig}\n`));
    served.set(`${sumsOf(name)}.pem`, Buffer.from(pem));
    expect(await acquire(name).tool).toMatchObject({ version: VERSION[name] });
    served.set(`${sumsOf(name)}.pem`, Buffer.from(pem, 'base64'));
    expect(await acquire(name).tool).toMatchObject({ version: VERSION[name] });
  });
});

describe('what the vendor did not sign', () => {
  it.each<[string, ToolName, Claims, string]>([
    [
      'another repository',
      'syft',
      claimsOf('evil/syft', 'release.yaml', 'refs/heads/main'),
      'source repository',
    ],
    ['another workflow', 'syft', claimsOf('anchore/syft', 'evil.yaml', 'refs/heads/main'), 'signer workflow'],
    ['another branch', 'syft', claimsOf('anchore/syft', 'release.yaml', 'refs/heads/x'), 'branch or tag'],
    [
      'the workflow at another version',
      'trivy',
      claimsOf('aquasecurity/trivy', 'reusable-release.yaml', 'refs/tags/v0.99.0'),
      'branch or tag',
    ],
    ['another issuer', 'syft', { ...WORKFLOWS.syft, iss: 'https://ci.example.com' }, 'issuer'],
  ])('by %s is refused', async (_, name, claims, words) => {
    const issuer = typeof claims.iss === 'string' ? await startOidc({ issuer: claims.iss }) : undefined;
    const other = issuer === undefined ? undefined : await startSigstore({ issuer: issuer.url });
    const [ownOidc, ownSigstore] = [oidc, sigstore];
    try {
      oidc = issuer ?? oidc;
      sigstore = other ?? sigstore;
      const sums = await release(name);
      served.set(`${sumsOf(name)}.sigstore.json`, await signed(sums, claims));
      expect(await refused(name)).toContain(words);
    } finally {
      [oidc, sigstore] = [ownOidc, ownSigstore];
      await Promise.all([issuer?.stop(), other?.stop()]);
    }
  });

  it.each<[string, (bundle: Uint8Array, sums: string) => Promise<Uint8Array> | Uint8Array, string]>([
    ['a truncated bundle', (bundle) => bundle.subarray(0, 500), 'bundle-malformed'],
    ['another file’s bundle', () => signed('other', WORKFLOWS.syft), 'signature-invalid'],
    ['a bundle of 50 MB', () => new Uint8Array(50 * 1024 * 1024), 'more than 1048576 bytes'],
    ['a bundle without proof from the log', withoutLog, 'log-proof-missing'],
    ['an empty bundle', () => new Uint8Array(), 'bundle-malformed'],
  ])('%s is refused', async (_, change, words) => {
    const sums = await release('syft');
    served.set(`${sumsOf('syft')}.sigstore.json`, await change(await signed(sums, WORKFLOWS.syft), sums));
    expect(await refused('syft')).toContain(words);
  });

  it('a checksums file that was changed afterwards is refused, in both forms', async () => {
    const sums = await release('syft');
    const bundle = await signed(sums.replaceAll('0', '1'), WORKFLOWS.syft);
    served.set(`${sumsOf('syft')}.sigstore.json`, bundle);
    expect(await refused('syft')).toContain('signature-invalid');
    served.delete(`${sumsOf('syft')}.sigstore.json`);
    const { sig, pem } = inTwoFiles(bundle);
    served.set(`${sumsOf('syft')}.sig`, Buffer.from(sig));
    served.set(`${sumsOf('syft')}.pem`, Buffer.from(pem));
    expect(await refused('syft')).toContain('no signature of it');
  });

  it('two files that the log does not know are refused', async () => {
    const { sig, pem } = inTwoFiles(await signed(await release('syft'), WORKFLOWS.syft));
    served.set(`${sumsOf('syft')}.sig`, Buffer.from(sig));
    served.set(`${sumsOf('syft')}.pem`, Buffer.from(pem));
    const other = await startSigstore({ issuer: oidc.url });
    const own = sigstore;
    sigstore = other;
    expect(await refused('syft')).toContain('no signature of it');
    sigstore = own;
    await other.stop();
  });

  it('a signed file of another version does not list the archive', async () => {
    const old = `${'ab'.repeat(32)}  syft_1.0.0_linux_amd64.tar.gz\n`;
    await release('syft');
    served.set(sumsOf('syft'), Buffer.from(old));
    served.set(`${sumsOf('syft')}.sigstore.json`, await signed(old, WORKFLOWS.syft));
    expect(await refused('syft')).toContain(`does not list ${archiveOf('syft')}`);
  });

  it('nothing that signs it leaves the version unknown', async () => {
    await release('syft');
    expect(await refused('syft')).toBe(`no SHA-256 is known for the download of Syft: ${archiveOf('syft')}`);
  });

  it('an archive unlike the signed line is removed and never opened', async () => {
    const sums = await release('syft');
    served.set(`${sumsOf('syft')}.sigstore.json`, await signed(sums, WORKFLOWS.syft));
    served.set(archiveOf('syft'), Buffer.from('evil'));
    const toolCache = join(root, 'cache');
    await expect(acquire('syft', { toolCache }).tool).rejects.toMatchObject({
      code: 'TOOL_UNVERIFIED',
      message: expect.stringContaining('another SHA-256'),
    });
    expect(existsSync(toolCache)).toBe(false);
  });

  it('a log that is down is told as such, with what helps', async () => {
    const { sig, pem } = inTwoFiles(await signed(await release('syft'), WORKFLOWS.syft));
    served.set(`${sumsOf('syft')}.sig`, Buffer.from(sig));
    served.set(`${sumsOf('syft')}.pem`, Buffer.from(pem));
    sigstore.fail({ service: 'rekor', status: 503 });
    const { tool } = acquire('syft');
    await expect(tool).rejects.toMatchObject({
      code: 'SIGSTORE_UNAVAILABLE',
      hint: expect.stringContaining('tool-checksums'),
    });
  });

  it('offline asks nobody', async () => {
    await release('syft');
    await expect(acquire('syft', { offline: true }).tool).rejects.toMatchObject({ code: 'TOOL_MISSING' });
    expect(asked).toEqual([]);
  });
});

function withoutLog(bundle: Uint8Array): Uint8Array {
  const json = JSON.parse(Buffer.from(bundle).toString());
  json.verificationMaterial.tlogEntries = [];
  return Buffer.from(JSON.stringify(json));
}
