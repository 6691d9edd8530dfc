import * as z from 'zod/mini';
import { type AttestationKind, PREDICATES } from '../../model/attestation.ts';
import { type DigestRef, formatReference, isLoopback } from '../../model/reference.ts';
import type { Expected, IdentityPolicy } from '../../model/verification.ts';

/** Who vouches, and what a reader must have for it. */
export type Voucher =
  | {
      readonly kind: 'public-good' | 'github' | 'private';
      readonly identity: IdentityPolicy;
      /** Default true; false: timestamps alone bear witness. */
      readonly logged?: boolean;
    }
  /** `logged`: its signatures are in a log whose root the reader has. */
  | { readonly kind: 'key'; readonly logged: boolean };

export type CommandRequest = {
  readonly ref: DigestRef;
  /** What there is of it. */
  readonly kinds: readonly AttestationKind[];
  readonly voucher: Voucher;
  /** Where the reader has them; default `trusted-root.json` and `cosign.pub`. */
  readonly files?: { readonly trustedRoot?: string; readonly publicKey?: string };
};

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto */
const logged = z.object({
  verificationMaterial: z.object({ tlogEntries: z.array(z.unknown()).check(z.minLength(1)) }),
});

/** Whether a log bears witness to a bundle: cosign must be told where none does. */
export function isLogged(bundle: Uint8Array): boolean {
  return logged.safeParse(JSON.parse(new TextDecoder().decode(bundle))).success;
}

/** cosign's names. https://docs.sigstore.dev/cosign/verifying/attestation/ */
const TYPES: Readonly<Record<AttestationKind, string>> = {
  signature: '',
  provenance: 'slsaprovenance1',
  cyclonedx: 'cyclonedx',
  spdx: 'spdxjson',
  scan: 'vuln',
};

/**
 * What a person types to check an image without us, exactly, one command a line, to be pasted into a POSIX shell. GitHub's
 * own instance has no log: cosign would have to be told to do without, so only GitHub's own tool is named there.
 */
export function verifyCommands(request: CommandRequest): readonly string[] {
  const { voucher, kinds } = request;
  const cosign = voucher.kind === 'github' ? [] : kinds.map((kind) => cosignCommand(kind, request));
  const gh = voucher.kind === 'key' || kinds.length === 0 ? [] : ghCommands(voucher, request);
  return [...cosign, ...gh];
}

function cosignCommand(kind: AttestationKind, { ref, voucher, files }: CommandRequest): string {
  const root = ['--trusted-root', files?.trustedRoot ?? 'trusted-root.json'];
  const signer =
    voucher.kind === 'key'
      ? [
          '--key',
          files?.publicKey ?? 'cosign.pub',
          ...(voucher.logged ? [] : ['--insecure-ignore-tlog']),
          ...(files?.trustedRoot === undefined || !voucher.logged ? [] : root),
        ]
      : [
          ...identityFlags(voucher.identity),
          ...(voucher.kind === 'private' ? root : []),
          ...(voucher.logged === false ? ['--insecure-ignore-tlog', '--use-signed-timestamps'] : []),
        ];
  const what = kind === 'signature' ? ['verify'] : ['verify-attestation', '--type', TYPES[kind]];
  const http = isLoopback(ref.repository.registry) ? ['--allow-http-registry'] : [];
  return commandLine(['cosign', ...what, ...signer, ...http, formatReference(ref)]);
}

function identityFlags({ issuer, repository, ref, ...identity }: IdentityPolicy): readonly string[] {
  const san = sanOf({ repository, ...identity, ...(ref === undefined ? {} : { ref }) });
  return [
    ...(san.kind === 'exact'
      ? ['--certificate-identity', san.value]
      : ['--certificate-identity-regexp', `^(?:${san.value})$`]),
    ...(issuer.kind === 'exact'
      ? ['--certificate-oidc-issuer', issuer.value]
      : ['--certificate-oidc-issuer-regexp', `^(?:${issuer.value})$`]),
    ...(repository.kind === 'exact'
      ? ['--certificate-github-workflow-repository', pathOf(repository.value)]
      : []),
    ...(ref?.kind === 'exact' ? ['--certificate-github-workflow-ref', ref.value] : []),
  ];
}

/** The signer as the certificate names it; a pattern where a part of it is open. */
function sanOf({ repository, workflow, ref }: Omit<IdentityPolicy, 'issuer'>): Expected {
  if (workflow.kind === 'regexp') return workflow;
  const own = repository.kind === 'exact' ? escaped(repository.value) : `(?:${repository.value})`;
  const anyRef = ref === undefined ? '.+' : ref.kind === 'exact' ? escaped(ref.value) : `(?:${ref.value})`;
  if (workflow.kind === 'any')
    return { kind: 'regexp', value: `${own}/\\.github/workflows/[^/@]+@${anyRef}` };
  const where = workflow.repository ?? (repository.kind === 'exact' ? repository.value : undefined);
  const at = workflow.ref ?? (ref?.kind === 'exact' ? ref.value : undefined);
  if (where !== undefined && at !== undefined)
    return { kind: 'exact', value: `${where}/${workflow.path}@${at}` };
  const start = where === undefined ? own : escaped(where);
  return {
    kind: 'regexp',
    value: `${start}/${escaped(workflow.path)}@${at === undefined ? anyRef : escaped(at)}`,
  };
}

function ghCommands(
  { kind, identity }: Exclude<Voucher, { kind: 'key' }>,
  { ref, kinds, files }: CommandRequest,
): readonly string[] {
  const { repository, issuer, ref: source } = identity;
  if (repository.kind !== 'exact') return [];
  const san = sanOf(identity);
  const flags = [
    '--repo',
    pathOf(repository.value),
    ...(san.kind === 'exact'
      ? ['--cert-identity', san.value]
      : ['--cert-identity-regex', `^(?:${san.value})$`]),
    ...(issuer.kind === 'exact' ? ['--cert-oidc-issuer', issuer.value] : []),
    ...(source?.kind === 'exact' ? ['--source-ref', source.value] : []),
    ...(kind === 'private' ? ['--custom-trusted-root', files?.trustedRoot ?? 'trusted-root.json'] : []),
    '--bundle-from-oci',
  ];
  return kinds.map((each) =>
    commandLine([
      'gh',
      'attestation',
      'verify',
      `oci://${formatReference(ref)}`,
      ...flags,
      '--predicate-type',
      PREDICATES[each],
    ]),
  );
}

/** `acme/app` of `https://github.com/acme/app`. */
function pathOf(url: string): string {
  return url.replace(/^https?:\/\/[^/]+\//, '');
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Words of harmless characters stand as they are; all others in single quotes, in which a POSIX shell reads nothing. */
export function commandLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
