import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDistribution } from '../../../scripts/setup/distribution.mjs';
import type { Credential } from '../../../src/model/inputs.ts';
import { startRegistry } from './registry.ts';
import { startTokenService, TokenService } from './token-service.ts';

/** A registry that a suite runs against, ours or one that nobody here wrote. */
export type Backend = {
  readonly host: string;
  readonly credentials: readonly Credential[];
  stop(): Promise<void>;
};

const USERS = { robot: 'robot-password' };
const USERNAME = 'robot';

function credentialsFor(registry: string): readonly Credential[] {
  return [{ registry, username: USERNAME, password: USERS.robot }];
}

export const BACKENDS: Readonly<Record<string, () => Promise<Backend>>> = {
  'the embedded registry, open to all': async () => {
    const registry = await startRegistry();
    return { host: registry.host, credentials: [], stop: registry.stop };
  },
  'the embedded registry with basic auth': async () => {
    const registry = await startRegistry({ auth: { kind: 'basic', users: USERS } });
    return { host: registry.host, credentials: credentialsFor(registry.host), stop: registry.stop };
  },
  'the embedded registry with tokens': async () => {
    const tokens = new TokenService({ users: USERS });
    const registry = await startRegistry({ auth: { kind: 'token', tokens } });
    return { host: registry.host, credentials: credentialsFor(registry.host), stop: registry.stop };
  },
  'distribution with htpasswd': async () => {
    const registry = await startDistribution({ auth: 'htpasswd', users: USERS });
    return { host: registry.host, credentials: credentialsFor(registry.host), stop: registry.stop };
  },
  'distribution with tokens': async () => {
    const { tokens, realm, stop } = await startTokenService({ users: USERS });
    const folder = await mkdtemp(join(tmpdir(), 'token-certificate-'));
    const rootcertbundle = join(folder, 'certificate.pem');
    await writeFile(rootcertbundle, tokens.certificatePem);
    const token = { realm, service: tokens.service, issuer: tokens.issuer, rootcertbundle };
    const registry = await startDistribution({ auth: 'token', token });
    return {
      host: registry.host,
      credentials: credentialsFor(registry.host),
      stop: async () => {
        await registry.stop();
        await stop();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
