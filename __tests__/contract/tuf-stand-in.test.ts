import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { type CosignBench, cosignBench } from '../helpers/sigstore/cosign.ts';
import { signBundle } from '../helpers/sigstore/sign-bundle.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';
import { type RunningTuf, startTufRepository } from '../helpers/sigstore/tuf-repository.ts';

const HEX = 'ab'.repeat(32);

/** Two clients that nobody here wrote find the trusted root in it. */
describe('the stand-in of a TUF repository', () => {
  let oidc: RunningOidc;
  let sigstore: RunningSigstore;
  let other: RunningSigstore;
  let tuf: RunningTuf;
  let folder: string;

  beforeAll(async () => {
    oidc = await startOidc();
    sigstore = await startSigstore({ issuer: oidc.url });
    other = await startSigstore({ issuer: oidc.url });
  });

  afterAll(async () => {
    await sigstore.stop();
    await other.stop();
    await oidc.stop();
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tuf-'));
    tuf = await startTufRepository({
      trustedRoot: sigstore.trustedRoot,
      signingConfig: sigstore.signingConfig(),
    });
    await writeFile(join(folder, 'root.json'), tuf.root);
  });

  afterEach(async () => {
    await tuf.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** The address of the log in the root that @sigstore/tuf finds. */
  async function logFound(): Promise<string | undefined> {
    const { getTrustedRoot } = await import('@sigstore/tuf');
    const root = await getTrustedRoot({
      mirrorURL: tuf.url,
      rootPath: join(folder, 'root.json'),
      cachePath: join(folder, 'cache'),
      forceCache: false,
      retry: 0,
    });
    return root.tlogs[0]?.baseUrl;
  }

  it('gives the trusted root to @sigstore/tuf, and a newer one when there is one', async () => {
    expect(await logFound()).toBe(sigstore.url);
    tuf.publish({ trustedRoot: other.trustedRoot });
    expect(await logFound()).toBe(other.url);
    expect(tuf.requests).toContain('GET /2.targets.json 200');
  });

  it.each<readonly [string, (tuf: RunningTuf, other: RunningSigstore) => void]>([
    ['a trusted root that nobody signed', (tuf, { trustedRoot }) => tuf.tamper(trustedRoot)],
    ['metadata that ran out', (tuf) => tuf.expire()],
    ['a repository that is down', (tuf) => tuf.failWith(503)],
  ])('refused by @sigstore/tuf: %s', async (_, spoil) => {
    spoil(tuf, other);
    await expect(logFound()).rejects.toThrow();
    tuf.heal();
  });

  it('serves cosign, which then needs no file', async () => {
    const cosign: CosignBench = await cosignBench({ sigstore, oidc });
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'app', digest: { sha256: HEX } }],
      predicateType: 'https://cyclonedx.org/bom',
      predicate: {},
    };
    await writeFile(join(cosign.folder, 'bundle.json'), await signBundle({ sigstore, oidc }, statement));
    await writeFile(join(cosign.folder, 'tuf-root.json'), tuf.root);
    const initialized = await cosign.run(['initialize', '--mirror', tuf.url, '--root', 'tuf-root.json']);
    expect(initialized).toMatchObject({ code: 0 });
    const subject = ['--bundle', 'bundle.json', '--type', 'cyclonedx', '--digest', HEX];
    const flags = [...cosign.identity(), ...subject, '--digestAlg', 'sha256'];
    expect(await cosign.run(['verify-blob-attestation', ...flags])).toMatchObject({ code: 0 });
    await cosign.remove();
  });
});
