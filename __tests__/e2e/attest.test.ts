import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDistribution } from '../../scripts/setup/distribution.mjs';
import { BUNDLE_TYPE, PREDICATES } from '../../src/model/attestation.ts';
import { CONFIG } from '../helpers/e2e-bench.ts';
import type { GitRepository } from '../helpers/git-repository.ts';
import { startRegistry } from '../helpers/registry/registry.ts';
import type { ActionRun } from '../helpers/run-action.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import { RELEASE_SAN } from '../helpers/sigstore/cosign.ts';
import {
  type AttestBench,
  attestBench,
  bundlesOf,
  COSIGN_TYPES,
  commandsIn,
  expectedKinds,
  inShell,
  inTurns,
  recordOf,
  refusedByCosign,
  subjectsOf,
} from './helpers/attest-bench.ts';
import { judge } from './helpers/judges.ts';

/** Two images of two platforms each, one on the other. */
const FILES: Readonly<Record<string, string>> = {
  [CONFIG]: [
    'images:',
    '  base: { context: base, platforms: [linux/amd64, linux/arm64] }',
    '  app: { context: app, contexts: { parent: "target:base" }, platforms: [linux/amd64, linux/arm64] }',
    '',
  ].join('\n'),
  'base/Dockerfile': 'FROM scratch\nCOPY own /base\n',
  'base/own': 'the base\n',
  'app/Dockerfile': 'FROM parent\nCOPY own /app\n',
  'app/own': 'the app\n',
};
const KINDS = ['signature', 'provenance', 'cyclonedx', 'spdx', 'scan'] as const;
const INPUTS = { attest: 'true', sbom: 'cyclonedx,spdx' };

type Place = { readonly host: string; stop(): Promise<void> };
const EMBEDDED = () => startRegistry();
const WITHOUT_API = () => startRegistry({ referrers: false });
const DISTRIBUTION = () => startDistribution();

let bench: AttestBench;
let checkout: GitRepository;

beforeAll(async () => {
  bench = await attestBench();
  checkout = bench.e2e.checkout(FILES);
});
afterAll(() => bench.dispose());

const errorsOf = ({ log }: ActionRun) => annotationsOf(log).filter(({ level }) => level === 'error');

describe.each([
  ['the embedded registry with the referrers API', [EMBEDDED]],
  ['the embedded registry without it', [WITHOUT_API]],
  ['distribution 2.8, which has none', [DISTRIBUTION]],
  ['two registries at once, one with it and one without', [EMBEDDED, DISTRIBUTION]],
] as const)('a release to %s', (_, starts) => {
  const places: Place[] = [];
  let run: ActionRun;

  beforeAll(async () => {
    for (const start of starts) places.push(await start());
    run = await bench.release(checkout, { ...INPUTS, registry: places.map(({ host }) => host).join(',') });
  });
  afterAll(async () => {
    for (const { stop } of places) await stop();
  });

  it('is green, and has evidence for every index and platform', () => {
    const errors = errorsOf(run);
    expect({ errors, status: run.outputs.status }).toEqual({ errors: [], status: 'released' });
    const subjects = subjectsOf(run);
    expect(subjects).toHaveLength(6 * places.length);
    const made = (recordOf(run).attestations ?? []).map(({ subject, kind }) => `${subject} ${kind}`);
    const wanted = subjects.flatMap((subject) =>
      expectedKinds(subject, KINDS).map((kind) => `${subject.digest} ${kind}`),
    );
    expect(made.sort()).toEqual([...new Set(wanted)].sort());
  });

  it('alarms nobody while nothing is there yet', () => {
    expect(run.log).not.toMatch(/does not hold|evidence of \S+ yet|that are there and hold/);
    expect(run.log.match(/^Attestations of \S+ that are stored, and found by the referrers/gm)).toHaveLength(
      subjectsOf(run).length,
    );
  });

  it('is accepted whole by cosign, found by digest', async () => {
    expect(await refusedByCosign(bench, run, KINDS)).toEqual([]);
  });

  it('is refused by cosign for another workflow and for another repository', async () => {
    const [first] = subjectsOf(run);
    for (const [from, to] of [
      ['release.yml', 'other.yml'],
      ['Acme/Modules', 'Acme/Other'],
      ['v1.2.3', 'v1.2.4'],
    ] as const) {
      const stranger = bench.cosign.identity(RELEASE_SAN.replace(from, to));
      const { code, stderr } = await bench.cosign.verify(first?.ref ?? '', ...stranger);
      expect(code).toBeGreaterThan(0);
      expect(stderr).toMatch(/expected SAN value|no matching CertificateIdentity/);
    }
  });

  it('is shown by oras discover, each bundle with its predicate', async () => {
    const shown = await inTurns(subjectsOf(run), async (subject) => {
      const found = JSON.parse(
        await judge('oras', 'discover', '--plain-http', '--format', 'json', subject.ref),
      );
      const types = found.referrers.map(
        ({ artifactType, annotations }: Readonly<Record<string, Readonly<Record<string, string>>>>) => [
          artifactType,
          annotations?.['dev.sigstore.bundle.predicateType'],
        ],
      );
      return { types: types.sort(), subject };
    });
    for (const { types, subject } of shown) {
      const wanted = expectedKinds(subject, KINDS).map((kind) => [BUNDLE_TYPE, PREDICATES[kind]]);
      expect({ ref: subject.ref, types }).toEqual({ ref: subject.ref, types: wanted.sort() });
    }
  });

  it('is accepted by the commands that its summary prints, as they stand there', async () => {
    const lines = commandsIn(run, 'cosign');
    const kinds = ['cosign verify ', 'cosign verify-attestation --type slsaprovenance1 '];
    for (const image of recordOf(run).images)
      for (const start of kinds)
        expect(lines).toContainEqual(
          expect.stringMatching(new RegExp(`^${start}.*/${image.name}@${image.digest}$`)),
        );
    expect(commandsIn(run, 'gh').length).toBeGreaterThan(0);
    expect(await inTurns(lines, (line) => inShell(bench, line))).toEqual(lines.map(() => 'green'));
    // The judge can say no.
    const wrong = lines[0]?.replaceAll('release.yml', 'other.yml') ?? '';
    expect(await inShell(bench, wrong)).not.toBe('green');
  });
});

describe('the bundle files of a release', () => {
  let run: ActionRun;

  beforeAll(async () => {
    run = await bench.release(checkout, INPUTS);
  });

  it('are accepted by cosign without any registry, each for its own digest alone', async () => {
    const bundles = bundlesOf(run);
    expect(run.outputs['bundle-path']?.split('\n')).toHaveLength(bundles.length);
    const verdicts = await inTurns(bundles, async ({ attestation, text }) => {
      const type = attestation.kind === 'signature' ? PREDICATES.signature : COSIGN_TYPES[attestation.kind];
      const bytes = Buffer.from(text);
      const own = await bench.cosign.verifyBlobAttestation(bytes, type, attestation.subject);
      return own.code === 0 ? 'green' : `${attestation.path}: ${own.stderr}`;
    });
    expect(verdicts).toEqual(bundles.map(() => 'green'));
    const [first] = bundles;
    const sibling = bundles.find(({ attestation }) => attestation.subject !== first?.attestation.subject);
    const wrong = await bench.cosign.verifyBlobAttestation(
      Buffer.from(first?.text ?? ''),
      COSIGN_TYPES.provenance,
      sibling?.attestation.subject ?? '',
    );
    expect(wrong.code).toBe(1);
  });

  it('have names that tell them apart, and are what the registry holds', async () => {
    const bundles = bundlesOf(run);
    expect(new Set(bundles.map(({ attestation }) => attestation.path)).size).toBe(bundles.length);
    for (const { attestation, text } of bundles) {
      const [ref = ''] = attestation.referrers;
      const { layers } = JSON.parse(await judge('crane', 'manifest', ref));
      const [repository] = ref.split('@');
      expect(await judge('crane', 'blob', `${repository}@${layers[0].digest}`)).toBe(text.trim());
    }
  });

  it('are signed with one certificate', () => {
    const certificates = bundlesOf(run).map(({ bundle }) => bundle.verificationMaterial.certificate.rawBytes);
    expect(new Set(certificates).size).toBe(1);
  });
});
