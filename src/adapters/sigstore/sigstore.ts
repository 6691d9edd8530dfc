import { ReleaseError } from '../../model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Http } from '../../ports/http.ts';
import type { Log } from '../../ports/log.ts';
import type { Oidc } from '../../ports/oidc.ts';
import type { Signer, SigningSpec, Sigstore } from '../../ports/sigstore.ts';
import { createCredentials } from './certificate.ts';
import { requestCertificate } from './fulcio.ts';
import { loadKey } from './load-key.ts';
import { INSTANCES, type Services } from './services.ts';
import { keylessSigner, keySigner } from './signer.ts';
import { parseSigningConfig } from './signing-config.ts';
import type { SigningKey } from './signing-key.ts';

type SigstoreSetup = {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info'>;
  readonly http: Http;
  readonly oidc: Pick<Oidc, 'token'>;
  /** Where trusted roots that are fetched by TUF are kept between runs: an absolute path. */
  readonly tufCache: string;
  /** In place of the public-good instance's; for tests. */
  readonly publicLog?: URL;
};

/** What Fulcio wants the token to be made for. https://github.com/sigstore/fulcio/blob/main/docs/oidc.md */
const AUDIENCE = 'sigstore';

/**
 * Sigstore over our own few requests to Fulcio, Rekor and timestamp authorities: @sigstore/sign asks for a certificate for
 * each statement, knows no Retry-After, bounds no answer, follows redirects with the token, and writes it into errors.
 */
export function createSigstore({ clock, log, http, oidc, tufCache, ...given }: SigstoreSetup): Sigstore {
  const publicLog = given.publicLog ?? INSTANCES['public-good'].logs[0].url;
  return {
    async signer(spec) {
      const services = servicesOf(spec, clock.now());
      if (spec.kind === 'key') return byKey(services, await loadKey(spec.key, spec.password));
      if (spec.trustedRoot !== undefined) await requireBelievable(services, spec.trustedRoot);
      return keyless(services);
    },
    async verifier(spec) {
      const { createVerifier } = await import('./verify.ts');
      return createVerifier(spec, { cacheFolder: tufCache, clock, log });
    },
    async bundleOf(detached) {
      const { bundleOfDetached } = await import('./detached.ts');
      return bundleOfDetached(http, publicLog, detached);
    },
  };

  function byKey(services: Services, key: SigningKey): Signer {
    if (!key.fitsLogV2 && services.logs.some(({ version }) => version === 2))
      throw new ReleaseError(
        'INPUT_INVALID',
        'input `cosign-key`: the log of `sigstore-signing-config` (Rekor v2) takes no signatures of such a key',
        { hint: 'Use an ECDSA key (P-256) or an RSA key.' },
      );
    return keySigner(http, services, key);
  }

  function keyless(services: Services): Signer {
    const { fulcio } = services;
    if (fulcio === undefined) throw incomplete('`caUrls` names no Fulcio');
    const hasTime = services.authorities.length > 0 || services.logs.some(({ version }) => version === 1);
    if (!hasTime)
      throw incomplete('nobody tells the time of signing: it needs a Rekor v1 log or a timestamp authority');
    const token = () => oidc.token(AUDIENCE);
    const credentials = createCredentials(clock, (key) => requestCertificate({ http, fulcio, key, token }));
    return keylessSigner(http, services, credentials);
  }
}

function servicesOf(spec: SigningSpec, now: Date): Services {
  switch (spec.instance) {
    case undefined:
      return { logs: [], authorities: [] };
    case 'private':
      return parseSigningConfig(spec.signingConfig ?? '', now);
    default:
      return INSTANCES[spec.instance];
  }
}

/** What nobody would believe afterwards is not signed at all. */
async function requireBelievable({ logs, authorities }: Services, trustedRoot: string): Promise<void> {
  const { demandsOf } = await import('./trust.ts');
  const { log, timeOf } = await demandsOf(trustedRoot);
  if (log && logs.length === 0)
    throw incomplete(
      'it uses no log (`rekorTlogUrls` with `rekorTlogConfig`), and `sigstore-trusted-root` names one, so every reader asks for an entry in it',
      'Add the log to the signing config, or take `tlogs` out of the trusted root where the instance has none.',
    );
  const byLog = logs.some(({ version }) => version === 1) && timeOf.includes('log');
  const byAuthority = authorities.length > 0 && timeOf.includes('authority');
  if (byLog || byAuthority) return;
  throw incomplete(
    'nobody whose time `sigstore-trusted-root` believes tells the time of signing',
    'Let both files name the same timestamp authority (`tsaUrls` with `tsaConfig`, `timestampAuthorities`), or the same Rekor v1 log.',
  );
}

function incomplete(what: string, hint?: string): ReleaseError {
  const message = `input \`sigstore-signing-config\`: ${what}`;
  return new ReleaseError('INPUT_INVALID', message, hint === undefined ? {} : { hint });
}
