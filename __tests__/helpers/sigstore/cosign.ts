import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Credential } from '../../../src/model/inputs.ts';
import { GITHUB_CLAIMS, type RunningOidc } from '../oidc/oidc.ts';
import { toolPath } from '../tool-path.ts';
import type { SigningServices } from './documents.ts';
import type { RunningSigstore } from './sigstore.ts';

/*
 * The real cosign (3.1) against the stand-in. Which flags work, tried one by one:
 *
 * - sign, attest: `--identity-token TOKEN --signing-config FILE --trusted-root FILE -y`; without --signing-config it asks the public
 *   good instance. A signing config names the services: with or without TSA, with or without Rekor.
 * - by key: `COSIGN_PASSWORD=… --key FILE --signing-config FILE --trusted-root FILE`; a signing config without any service = key
 *   alone. `generate-key-pair` writes cosign.key and cosign.pub into the current folder.
 * - verify, verify-attestation: `--certificate-identity SAN --certificate-oidc-issuer ISSUER --trusted-root FILE REPO@DIGEST`, and what
 *   the evidence demands besides:
 *     log entry, with or without timestamp   nothing
 *     timestamp alone                        `--insecure-ignore-tlog --use-signed-timestamps` (the first alone checks the certificate
 *                                            against now: green for ten minutes)
 *     key and log entry                      `--key FILE --trusted-root FILE` in place of the identity
 *     key alone                              `--key FILE --insecure-ignore-tlog`, and no trusted root
 * - verify-attestation: `--type cyclonedx|spdxjson|slsaprovenance1|vuln` or the predicate type's URI; prints one envelope a line.
 * - verify-blob-attestation: `--bundle FILE --type … --digest HEX --digestAlg sha256` (both, or the subject's file as argument).
 * - exit codes: 0, 1, and 10 where an image has no signature at all.
 * - registries on loopback: `--allow-http-registry`. Credentials: the Docker config in DOCKER_CONFIG.
 * - HOME is a fresh folder: nothing of this machine's cosign or its TUF cache takes part.
 */

export type CosignRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CosignBench = {
  /** A folder of its own: root.json stands in it, and is the current folder of cosign. */
  readonly folder: string;
  /** As it is; never throws for an exit code. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CosignRun>;
  /** Signs `host/name@sha256:…` keyless. */
  sign(ref: string, services?: SigningServices): Promise<CosignRun>;
  /** Attests it keyless; `type` as in `--type`. */
  attest(ref: string, type: string, predicate: unknown, services?: SigningServices): Promise<CosignRun>;
  verify(ref: string, ...more: readonly string[]): Promise<CosignRun>;
  verifyAttestation(ref: string, type: string, ...more: readonly string[]): Promise<CosignRun>;
  /** A bundle in hand, for a subject by its digest. */
  verifyBlobAttestation(
    bundle: Uint8Array,
    type: string,
    digest: string,
    ...more: readonly string[]
  ): Promise<CosignRun>;
  /** The flags of `verify` for a signer by its SAN; default: the release workflow of GITHUB_CLAIMS. */
  identity(san?: string): readonly string[];
  remove(): Promise<void>;
};

export const RELEASE_SAN = `https://github.com/${GITHUB_CLAIMS.job_workflow_ref}`;

export type CosignOptions = {
  readonly sigstore: RunningSigstore;
  readonly oidc: RunningOidc;
  readonly credentials?: readonly Credential[];
  /** Another trusted root than that of the stand-in. */
  readonly trustedRoot?: string;
};

/** The real cosign as signer and as judge. `more` of the verify commands replaces the identity when it names one. */
export async function cosignBench(options: CosignOptions): Promise<CosignBench> {
  const { sigstore, oidc } = options;
  const folder = await mkdtemp(join(tmpdir(), 'cosign-'));
  const docker = join(folder, 'docker');
  const auths = Object.fromEntries(
    (options.credentials ?? []).map(({ registry, username, password }) => [
      registry,
      { auth: Buffer.from(`${username}:${password}`).toString('base64') },
    ]),
  );
  await mkdir(docker);
  await writeFile(join(docker, 'config.json'), JSON.stringify({ auths }));
  await writeFile(join(folder, 'root.json'), options.trustedRoot ?? sigstore.trustedRoot);
  let files = 0;
  const file = async (content: Uint8Array | string): Promise<string> => {
    files += 1;
    const name = `${files}.json`;
    await writeFile(join(folder, name), content);
    return name;
  };
  const run: CosignBench['run'] = (args, more = {}) => {
    const env = { PATH: process.env.PATH, HOME: folder, DOCKER_CONFIG: docker, ...more };
    return new Promise((done) => {
      const child = execFile(
        toolPath('cosign'),
        args,
        { cwd: folder, env, timeout: 240_000, maxBuffer: 2 ** 28 },
        (_, stdout, stderr) => done({ code: child.exitCode ?? -1, stdout, stderr }),
      );
      // A question is a no.
      child.stdin?.end();
    });
  };
  const trust = ['--trusted-root', 'root.json'];
  const http = ['--allow-http-registry'];
  const keyless = async (services: SigningServices): Promise<readonly string[]> => {
    const config = await file(sigstore.signingConfig(services));
    return ['-y', '--identity-token', oidc.token(), '--signing-config', config, ...trust, ...http];
  };
  const identity = (san = RELEASE_SAN): readonly string[] => [
    '--certificate-identity',
    san,
    '--certificate-oidc-issuer',
    oidc.issuer,
  ];
  const judged = (more: readonly string[]): readonly string[] =>
    more.some((flag) => /^--(key|certificate-identity|certificate-identity-regexp)$/.test(flag))
      ? more
      : [...identity(), ...more];
  return {
    folder,
    run,
    identity,
    sign: async (ref, services = {}) => run(['sign', ...(await keyless(services)), ref]),
    attest: async (ref, type, predicate, services = {}) => {
      const path = await file(JSON.stringify(predicate));
      return run(['attest', ...(await keyless(services)), '--type', type, '--predicate', path, ref]);
    },
    verify: (ref, ...more) => run(['verify', ...trust, ...http, ...judged(more), ref]),
    verifyAttestation: (ref, type, ...more) =>
      run(['verify-attestation', ...trust, ...http, '--type', type, ...judged(more), ref]),
    verifyBlobAttestation: async (bundle, type, digest, ...more) => {
      const subject = ['--digest', digest.replace(/^sha256:/, ''), '--digestAlg', 'sha256'];
      const path = await file(bundle);
      const flags = ['--bundle', path, '--type', type, ...subject, ...judged(more)];
      return run(['verify-blob-attestation', ...trust, ...flags]);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
