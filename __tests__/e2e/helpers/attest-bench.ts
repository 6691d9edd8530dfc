import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREDICATES } from '../../../src/model/attestation.ts';
import { type E2eBench, e2eBench } from '../../helpers/e2e-bench.ts';
import type { GitRepository } from '../../helpers/git-repository.ts';
import { type OidcOptions, type RunningOidc, startOidc } from '../../helpers/oidc/oidc.ts';
import type { RegistryOptions } from '../../helpers/registry/registry.ts';
import type { ActionRun, RunOptions } from '../../helpers/run-action.ts';
import { type CosignBench, cosignBench } from '../../helpers/sigstore/cosign.ts';
import { type RunningSigstore, startSigstore } from '../../helpers/sigstore/sigstore.ts';

/** The bench of a release that signs: stand-ins of the runner's OIDC service and of Sigstore, and the real cosign as judge. */
export type AttestBench = {
  readonly e2e: E2eBench;
  readonly oidc: RunningOidc;
  readonly sigstore: RunningSigstore;
  readonly cosign: CosignBench;
  /** Inputs of the stand-in as a private instance. */
  readonly instance: Readonly<Record<string, string>>;
  /** The release of a checkout's tag, by a job with `id-token: write` whose token is for the checkout's commit. */
  release(
    repository: GitRepository,
    inputs?: Readonly<Record<string, string>>,
    more?: Partial<RunOptions>,
  ): Promise<ActionRun>;
  /** No more faults. */
  heal(): void;
  dispose(): Promise<void>;
};

export async function attestBench(
  options: RegistryOptions = {},
  issuer: OidcOptions = {},
): Promise<AttestBench> {
  const e2e = await e2eBench(options);
  const oidc = await startOidc(issuer);
  const sigstore = await startSigstore({ issuer: oidc.url });
  const cosign = await cosignBench({ sigstore, oidc });
  const [config, root] = [join(e2e.root, 'signing-config.json'), join(e2e.root, 'trusted-root.json')];
  writeFileSync(config, sigstore.signingConfig());
  writeFileSync(root, sigstore.trustedRoot);
  // Where the commands of the summary expect it.
  writeFileSync(join(cosign.folder, 'trusted-root.json'), sigstore.trustedRoot);
  const instance = {
    sigstore: 'private',
    'sigstore-signing-config': config,
    'sigstore-trusted-root': root,
  };
  return {
    e2e,
    oidc,
    sigstore,
    cosign,
    instance,
    release(repository, inputs = {}, more = {}) {
      oidc.setClaims({ sha: repository.sha });
      return e2e.run(repository, { ...instance, ...inputs }, { ...more, env: { ...oidc.env, ...more.env } });
    },
    heal() {
      oidc.heal();
      sigstore.heal();
      e2e.registry.faults.clear();
    },
    async dispose() {
      await Promise.all([cosign.remove(), sigstore.stop(), oidc.stop(), e2e.dispose()]);
    },
  };
}

/** What release.json says of one index or manifest at one registry. */
export type ReleasedSubject = {
  readonly image: string;
  readonly platform?: string;
  /** `host/name@sha256:…`. */
  readonly ref: string;
  readonly digest: string;
};

export type RecordedAttestation = {
  readonly image: string;
  readonly kind: keyof typeof PREDICATES;
  readonly subject: string;
  readonly platform?: string;
  readonly referrers: readonly string[];
  readonly path?: string;
  readonly logIndex?: string;
  readonly known?: true;
};

type RecordedImage = {
  readonly name: string;
  readonly digest: string;
  readonly origin: string;
  readonly subjects: readonly string[];
  readonly platforms: readonly { readonly platform: string; readonly digest: string }[];
};

/** release.json, of which these tests read no more than this. */
export function recordOf({ outputs }: ActionRun): {
  readonly images: readonly RecordedImage[];
  readonly attestations: readonly RecordedAttestation[] | null;
} {
  return JSON.parse(readFileSync(outputs.record ?? '', 'utf8'));
}

/** What a run has signed, or brought to a store that lacked it. */
export function madeIn(run: ActionRun): readonly RecordedAttestation[] {
  return (recordOf(run).attestations ?? []).filter(({ known }) => known !== true);
}

/** Index and platforms of every image, at every registry. */
export function subjectsOf(run: ActionRun): readonly ReleasedSubject[] {
  return recordOf(run).images.flatMap(({ name, digest: top, subjects, platforms }) =>
    subjects.flatMap((subject) => {
      const [repository = ''] = subject.split('@');
      const members = platforms.map(({ platform, digest }) => ({ image: name, platform, digest }));
      const isIndex = !members.some(({ digest }) => digest === top);
      return [...(isIndex ? [{ image: name, digest: top }] : []), ...members].map((each) => ({
        ...each,
        ref: `${repository}@${each.digest}`,
      }));
    }),
  );
}

/** The bundle files of a run, with what they say. */
export function bundlesOf(run: ActionRun) {
  return (recordOf(run).attestations ?? []).map((attestation) => {
    const text = readFileSync(attestation.path ?? '', 'utf8');
    const bundle = JSON.parse(text);
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString();
    return { attestation, text, bundle, payload, statement: JSON.parse(payload) };
  });
}

/** What cosign calls our kinds. */
export const COSIGN_TYPES = {
  provenance: 'slsaprovenance1',
  cyclonedx: 'cyclonedx',
  spdx: 'spdxjson',
  scan: 'vuln',
} as const;

/** `INDEX or PLATFORM of IMAGE: KIND`, for all that must be there. */
export function expectedKinds(
  { platform }: Pick<ReleasedSubject, 'platform'>,
  kinds: readonly (keyof typeof PREDICATES)[],
): readonly (keyof typeof PREDICATES)[] {
  return platform === undefined
    ? kinds.filter((kind) => kind === 'provenance' || kind === 'signature')
    : kinds;
}

/** What cosign does not accept of a release, by its reference: nothing when all is well. `flags` replace the identity. */
export async function refusedByCosign(
  { cosign }: Pick<AttestBench, 'cosign'>,
  run: ActionRun,
  kinds: readonly (keyof typeof PREDICATES)[],
  ...flags: readonly string[]
): Promise<readonly string[]> {
  const questions = subjectsOf(run).flatMap((subject) =>
    expectedKinds(subject, kinds).map((kind) => ({ ...subject, kind })),
  );
  if (questions.length === 0) return ['nothing was released'];
  const answers = await inTurns(questions, async ({ ref, digest, kind }) => {
    if (kind === 'signature') return { ref, kind, ...(await cosign.verify(ref, ...flags)) };
    const answer = await cosign.verifyAttestation(ref, COSIGN_TYPES[kind], ...flags);
    // Exactly one, and about this very digest.
    const statements = answer.stdout.trim().split('\n').flatMap(statementOf);
    const isRight =
      statements.length === 1 &&
      statements[0].predicateType === PREDICATES[kind] &&
      `sha256:${statements[0].subject[0].digest.sha256}` === digest;
    return { ref, kind, ...answer, code: answer.code === 0 && !isRight ? 99 : answer.code };
  });
  return answers.flatMap(({ ref, kind, code, stderr }) => (code === 0 ? [] : [`${ref} ${kind}: ${stderr}`]));
}

function statementOf(line: string) {
  if (line === '') return [];
  return [JSON.parse(Buffer.from(JSON.parse(line).payload, 'base64').toString())];
}

/** The commands of the summary's section Verify, as they are printed. */
export function commandsIn({ summary }: ActionRun, tool: string): readonly string[] {
  const [, block = ''] = /### Verify\n\n```sh\n(.*?)\n```/s.exec(summary) ?? [];
  return block.split('\n').filter((line) => line.startsWith(`${tool} `));
}

/** A line as a person pastes it into a shell, in the folder that has `trusted-root.json`. */
export function inShell({ cosign }: Pick<AttestBench, 'cosign'>, line: string): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: cosign.folder };
  return new Promise((done) => {
    execFile('/bin/sh', ['-c', line], { cwd: cosign.folder, env, timeout: 300_000 }, (error, _, stderr) =>
      done(error === null ? 'green' : `${line}\n${stderr}`),
    );
  });
}

/** Two at a time, as the machine has two cores. */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      results[at] = await work(items[at]!);
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}
