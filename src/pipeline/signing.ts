import { ReleaseError } from '../model/errors.ts';
import type { AttestInputs } from '../model/inputs.ts';
import { type Plan, stepDecision } from '../model/plan.ts';
import type { IdentityPolicy } from '../model/verification.ts';
import type { Ports } from '../ports/index.ts';
import type { OidcClaims } from '../ports/oidc.ts';
import type { BundleVerifier, Signer, SigningSpec, TrustSpec } from '../ports/sigstore.ts';
import { requireSameCommit, serverOf } from '../steps/attest/run.ts';
import { ownIdentity } from '../steps/verify/run.ts';
import type { Start } from './start.ts';

/** Who signs in this run, and how what it signed is proven. */
export type Signing = {
  readonly signer: Signer;
  /** Undefined: a key signs, and the job has no identity of its own. */
  readonly claims?: OidcClaims;
  readonly identity: IdentityPolicy | 'key';
  readonly instance?: Instance;
  /** The trusted root is fetched by the first call, and once. */
  readonly verifier: () => Promise<BundleVerifier>;
};

type Instance = 'public-good' | 'github' | 'private';

/** What Fulcio wants the token to be made for. */
const AUDIENCE = 'sigstore';

/**
 * Everything about signing that can be wrong before the first minute: the token and its commit, the key and its password,
 * the signing config. Undefined when this run signs nothing. Throws OIDC_MISSING, COMMIT_MISMATCH, INPUT_INVALID, SIGSTORE_UNAVAILABLE.
 */
export async function prepareSigning(
  { inputs, context }: Start,
  plan: Plan,
  ports: Pick<Ports, 'files' | 'oidc' | 'sigstore'>,
): Promise<Signing | undefined> {
  return stepDecision(plan, 'attest').do === 'skip' && plan.signsHandoff !== true
    ? undefined
    : openSigning({ inputs, context }, plan, ports);
}

/** The same, whatever the plan says of attesting. */
export async function openSigning(
  { inputs, context }: Pick<Start, 'inputs' | 'context'>,
  plan: Plan,
  ports: Pick<Ports, 'files' | 'oidc' | 'sigstore'>,
): Promise<Signing> {
  const { attest } = inputs;
  // A key alone signs then: nobody is asked for an identity, and nobody bears witness.
  const { offline } = inputs.tools;
  const claims = ports.oidc.available && !offline ? await ports.oidc.claims(AUDIENCE) : undefined;
  if (claims !== undefined) requireSameCommit(claims, plan);
  const visibility = claims?.repositoryVisibility ?? context.about.visibility;
  const instance = offline ? undefined : instanceOf(attest, visibility === 'public');
  const text = (path: string | undefined, input: string) => readGiven(path, input, ports);
  const signingConfig = await text(attest.signingConfig, 'sigstore-signing-config');
  const trustedRoot = await text(attest.trustedRoot, 'sigstore-trusted-root');
  const signer = await ports.sigstore.signer(specOf(attest, instance, signingConfig, trustedRoot));
  const trust = trustOf(signer, instance, trustedRoot);
  let verifier: Promise<BundleVerifier> | undefined;
  return {
    signer,
    identity:
      signer.publicKey !== undefined || claims === undefined
        ? 'key'
        : ownIdentity(claims, serverOf(claims.issuer, context.serverUrl)),
    verifier: () => {
      verifier ??= ports.sigstore.verifier(trust);
      return verifier;
    },
    ...(claims === undefined ? {} : { claims }),
    ...(instance === undefined ? {} : { instance }),
  };
}

/** Nothing of a repository that is not public gets into a public log unless somebody says so. */
function instanceOf({ instance, key }: AttestInputs, isPublic: boolean): Instance | undefined {
  if (instance !== 'auto') return instance;
  if (isPublic) return 'public-good';
  return key === undefined ? 'github' : undefined;
}

function specOf(
  { key }: AttestInputs,
  instance: Instance | undefined,
  signingConfig: string | undefined,
  trustedRoot: string | undefined,
): SigningSpec {
  const config = signingConfig === undefined ? {} : { signingConfig };
  const trust = instance === 'private' && trustedRoot !== undefined ? { trustedRoot } : {};
  if (key === undefined) return { kind: 'keyless', instance: instance ?? 'public-good', ...config, ...trust };
  const witness = instance === undefined || instance === 'github' ? {} : { instance };
  return { kind: 'key', key: key.pem, password: key.password, ...witness, ...config };
}

function trustOf(
  { publicKey }: Signer,
  instance: Instance | undefined,
  trustedRoot: string | undefined,
): TrustSpec {
  if (publicKey !== undefined) return { kind: 'key', publicKey };
  if (trustedRoot !== undefined) return { kind: 'keyless', instance: 'private', trustedRoot };
  return { kind: 'keyless', instance: instance === 'github' ? 'github' : 'public-good' };
}

async function readGiven(
  path: string | undefined,
  input: string,
  { files }: Pick<Ports, 'files'>,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const text = await files.readTextIfExists(path);
  if (text === undefined)
    throw new ReleaseError('INPUT_INVALID', `input \`${input}\`: there is no such file: ${path}`);
  return text;
}

/** Preflight has prepared it wherever the plan attests. */
export function signingOf({ signing }: { readonly signing?: Signing }): Signing {
  if (signing === undefined) throw new ReleaseError('INTERNAL', 'the plan attests, and nobody signs');
  return signing;
}
