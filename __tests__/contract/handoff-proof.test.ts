import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createHttp } from '../../src/adapters/http/http.ts';
import { createOidc } from '../../src/adapters/oidc/oidc.ts';
import { createSigstore } from '../../src/adapters/sigstore/sigstore.ts';
import { PAYLOAD_TYPE } from '../../src/model/attestation.ts';
import { digestOf, hexOf } from '../../src/model/digest.ts';
import { ReleaseError } from '../../src/model/errors.ts';
import type { HandedSet, Handoff } from '../../src/model/handoff.ts';
import type { Inputs } from '../../src/model/inputs.ts';
import { takeHandoffs } from '../../src/pipeline/handoff-read.ts';
import { handOver } from '../../src/pipeline/handoff-write.ts';
import { openSigning, type Signing } from '../../src/pipeline/signing.ts';
import { formatHandoff, parseHandoff } from '../../src/steps/handoff/document.ts';
import { signHandoff } from '../../src/steps/handoff/sign.ts';
import { aContext, anInputs } from '../helpers/a-context.ts';
import { APP, aStagedInspection, BASE, SET } from '../helpers/a-handoff.ts';
import { aPlan } from '../helpers/a-release.ts';
import { type FakeArtifacts, fakeArtifacts } from '../helpers/fake-artifacts.ts';
import { type FakeLog, fakeLog } from '../helpers/fake-log.ts';
import { type MemoryFiles, memoryFiles } from '../helpers/memory-files.ts';
import { type Claims, GITHUB_CLAIMS, type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { quickClock } from '../helpers/quick-clock.ts';
import { type CosignBench, cosignBench } from '../helpers/sigstore/cosign.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';
import { SIGNATURE, statementOf } from '../helpers/verify-bench.ts';

/** What a build job signs of its handoff, and what a release takes of it, by our adapters against the stand-ins. */

const PLAN = aPlan({ ...SET, revision: GITHUB_CLAIMS.sha });
const FOLDER = '/reports/handoff/assembled';
const BUNDLE = `${FOLDER}/handoff.sigstore.json`;
const DOCUMENT = `${FOLDER}/handoff.json`;

let oidc: RunningOidc;
let sigstore: RunningSigstore;
let cosign: CosignBench;

beforeAll(async () => {
  oidc = await startOidc();
  sigstore = await startSigstore({ issuer: oidc.url });
  cosign = await cosignBench({ sigstore, oidc });
});
afterEach(() => {
  sigstore.heal();
  oidc.setClaims(GITHUB_CLAIMS);
});
afterAll(() => Promise.all([cosign.remove(), sigstore.stop(), oidc.stop()]));

type Job = {
  readonly start: {
    readonly context: ReturnType<typeof aContext>;
    readonly inputs: Inputs;
    readonly reports: string;
  };
  readonly signing: Signing;
  readonly log: FakeLog;
  readonly ports: {
    readonly files: MemoryFiles;
    readonly artifacts: FakeArtifacts;
    readonly log: FakeLog;
  };
};

type JobOptions = { readonly inputs?: Partial<Inputs>; readonly artifacts?: FakeArtifacts };

/** A job of a run with these claims. */
async function aJob(files: MemoryFiles, claims: Claims = {}, options: JobOptions = {}): Promise<Job> {
  const whole = { ...GITHUB_CLAIMS, ...claims };
  oidc.setClaims(whole);
  await files.write('/config.json', sigstore.signingConfig());
  await files.write('/root.json', sigstore.trustedRoot);
  const attest = {
    mode: 'true',
    instance: 'private',
    signingConfig: '/config.json',
    trustedRoot: '/root.json',
  } as const;
  const inputs = anInputs({
    fanOut: { runners: [], scope: 'shard', handoffs: ['/reports/handoff'] },
    attest,
    ...options.inputs,
  });
  const context = aContext({
    repository: whole.repository,
    sha: whole.sha,
    runId: whole.run_id,
    runAttempt: Number(whole.run_attempt),
  });
  const [clock, log] = [quickClock(), fakeLog()];
  const http = createHttp({ clock, log, env: {} });
  const own = createOidc({ env: oidc.env, clock, http, log });
  const adapter = createSigstore({ clock, log, http, oidc: own, tufCache: '/nowhere' });
  const start = { context, inputs, reports: '/reports' };
  const revised = { ...PLAN, revision: whole.sha };
  const signing = await openSigning(start, revised, { files, oidc: own, sigstore: adapter });
  const artifacts = options.artifacts ?? { ...fakeArtifacts(files), available: false };
  return { start, signing, log, ports: { files, artifacts, log } };
}

const plan = ({ start }: Job) => ({ ...PLAN, revision: start.context.sha });

type Leaving = {
  readonly signing?: Signing;
  readonly handed?: HandedSet;
  readonly startedOn?: Date;
};

/** What this job leaves of both images. */
async function leave(job: Job, { signing, ...change }: Leaving = job) {
  const { files } = job.ports;
  const inspections = [await aStagedInspection(BASE, files), await aStagedInspection(APP, files)];
  const made = {
    plan: plan(job),
    inspections,
    pushed: true,
    handed: change.handed ?? new Map(),
    scanner: { name: 'trivy', version: '0.67.2' },
    scanned: { startedOn: '2026-11-21T10:01:00.000Z', finishedOn: '2026-11-21T10:02:00.000Z' },
    startedOn: change.startedOn ?? new Date('2026-11-21T10:00:00.000Z'),
    tools: [],
  } as const;
  return handOver(job.start, { ...made, ...(signing === undefined ? {} : { signing }) }, job.ports);
}

/** What the job takes: the trust of everything, when there is one for all. */
async function trusted(job: Job, { signing }: { readonly signing?: Signing } = job): Promise<string> {
  const set = await takeHandoffs(job.start, plan(job), signing, job.ports);
  expect([...set].map(([name, { length }]) => [name, length])).toEqual([
    ['base', 2],
    ['app', 2],
  ]);
  return [...new Set([...set.values()].flat().map(({ trust }) => trust))].join();
}

async function edit(files: MemoryFiles, change: (handoff: Handoff) => Handoff): Promise<void> {
  await files.write(DOCUMENT, formatHandoff(change(parseHandoff(files.text(DOCUMENT), 'it'))));
}

/** As the job signs what it has written itself. */
function signAgain({ signing, ports: { files } }: Job): Promise<void> {
  const text = files.text(DOCUMENT);
  const written = { folder: FOLDER, handoff: parseHandoff(text, 'it'), digest: digestOf(text) };
  return signHandoff(written, signing.signer, { files });
}

async function signOther(job: Job, predicateType: string): Promise<void> {
  const digest = digestOf(job.ports.files.text(DOCUMENT));
  const statement = JSON.stringify(statementOf(digest, predicateType));
  const { bundle } = await job.signing.signer.sign(Buffer.from(statement), PAYLOAD_TYPE);
  await job.ports.files.write(BUNDLE, bundle);
}

describe('a handoff signed by the identity of its job', () => {
  it.each([
    ['by this very run', {}, 'built'],
    ['by an earlier attempt of this run', { run_attempt: '2' }, 'built'],
    ['by another run of the same workflow and commit', { run_id: '4243' }, 'verdict'],
  ] as const)('%s', async (_, release, trust) => {
    const files = memoryFiles();
    await leave(await aJob(files));
    expect(await trusted(await aJob(files, release))).toBe(trust);
  });

  it.each([
    [
      'repository',
      {
        repository: 'Acme/Other',
        job_workflow_ref: 'Acme/Other/.github/workflows/release.yml@refs/tags/v1.2.3',
      },
      'source repository: https://github.com/Acme/Other, expected https://github.com/Acme/Modules',
    ],
    [
      'workflow',
      { job_workflow_ref: 'Acme/Modules/.github/workflows/evil.yml@refs/tags/v1.2.3' },
      'signer workflow: https://github.com/Acme/Modules/.github/workflows/evil.yml@refs/tags/v1.2.3',
    ],
    [
      'ref',
      {
        ref: 'refs/heads/main',
        job_workflow_ref: 'Acme/Modules/.github/workflows/release.yml@refs/heads/main',
      },
      'branch or tag: refs/heads/main, expected refs/tags/v1.2.3',
    ],
    ['commit', { sha: 'f'.repeat(40) }, `commit: ${'f'.repeat(40)}, expected ${GITHUB_CLAIMS.sha}`],
  ] as const)('of another %s is refused, whatever it says of itself', async (_, claims, why) => {
    const files = memoryFiles();
    const stranger = await aJob(files, claims);
    await leave(stranger);
    await edit(files, (handoff) => ({ ...handoff, repository: 'Acme/Modules', revision: GITHUB_CLAIMS.sha }));
    await signAgain(stranger);
    await expect(trusted(await aJob(files))).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: expect.stringContaining(why),
    });
  });

  it('is one for cosign, too', async () => {
    const files = memoryFiles();
    await leave(await aJob(files));
    const type = 'https://github.com/org/module-release/handoff/v1';
    const bundle = await files.read(BUNDLE);
    const judge = (text: string) => cosign.verifyBlobAttestation(bundle, type, hexOf(digestOf(text)));
    expect(await judge(files.text(DOCUMENT))).toMatchObject({ code: 0 });
    expect(await judge(`${files.text(DOCUMENT)} `)).not.toMatchObject({ code: 0 });
  });

  it('that says it is of this run, and is of another, has no provenance', async () => {
    const files = memoryFiles();
    const job = await aJob(files, { run_id: '4243' });
    const liar = { ...job, start: { ...job.start, context: { ...job.start.context, runId: '4242' } } };
    await leave(liar);
    expect(await trusted(await aJob(files))).toBe('verdict');
  });

  it('and edited after that is refused, though its seal fits', async () => {
    const files = memoryFiles();
    await leave(await aJob(files));
    await edit(files, (handoff) => ({ ...handoff, tools: [{ name: 'x', version: '1', from: 'PATH' }] }));
    await expect(trusted(await aJob(files))).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: expect.stringContaining('its statement is about other bytes'),
    });
  });

  it('without its bundle is worth its digests', async () => {
    const files = memoryFiles();
    await leave(await aJob(files));
    await files.remove(BUNDLE);
    const job = await aJob(files);
    expect(await trusted(job)).toBe('digests');
    expect(job.log.lines.join('\n')).toContain(
      'The handoff of assembled is not signed: what it names is looked into again',
    );
  });

  it.each([
    [
      'a statement about an image',
      (job: Job) => signOther(job, SIGNATURE),
      `its statement is of the type ${SIGNATURE}`,
    ],
    ['rubbish', (job: Job) => job.ports.files.write(BUNDLE, '{}'), 'media-type-wrong'],
    ['nothing', (job: Job) => job.ports.files.write(BUNDLE, ''), 'bundle-malformed'],
    [
      'a folder',
      async ({ ports: { files } }: Job) => {
        await files.remove(BUNDLE);
        await files.write(`${BUNDLE}/x`, '');
      },
      'is no file of at most',
    ],
    [
      'one whose signature was changed',
      async ({ ports: { files } }: Job) => {
        const bundle = JSON.parse(files.text(BUNDLE));
        const [signature] = bundle.dsseEnvelope.signatures;
        signature.sig = Buffer.from(signature.sig, 'base64').reverse().toString('base64');
        await files.write(BUNDLE, JSON.stringify(bundle));
      },
      'signature, certificate, log',
    ],
  ])('and %s in place of its bundle is refused, not taken for unsigned', async (_, put, why) => {
    const files = memoryFiles();
    const job = await aJob(files);
    await leave(job);
    await put(job);
    await expect(trusted(await aJob(files))).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
      message: expect.stringContaining(why),
    });
  });

  it('is worth its digests to a run that signs nothing', async () => {
    const files = memoryFiles();
    await leave(await aJob(files));
    const job = await aJob(files);
    expect(await trusted(job, {})).toBe('digests');
    expect(job.log.lines.join('\n')).toContain('this run has no identity to judge that by');
  });
});

it('what was taken from others began with the first of them', async () => {
  const files = memoryFiles();
  const job = await aJob(files);
  await leave(job);
  const taken = await takeHandoffs(job.start, plan(job), job.signing, job.ports);
  await leave(job, { ...job, handed: taken, startedOn: new Date('2026-11-21T18:00:00.000Z') });
  expect(parseHandoff(files.text(DOCUMENT), 'it').startedOn).toBe('2026-11-21T10:00:00.000Z');
  await leave(job, { ...job, startedOn: new Date('2026-11-21T18:00:00.000Z') });
  expect(parseHandoff(files.text(DOCUMENT), 'it').startedOn).toBe('2026-11-21T18:00:00.000Z');
});

describe('a job that cannot sign', () => {
  it('says so, and hands over all the same', async () => {
    const files = memoryFiles();
    const job = await aJob(files);
    expect(await leave(job, {})).toEqual({ folder: FOLDER });
    expect(await files.exists(BUNDLE)).toBe(false);
    expect(job.log.lines.join('\n')).toContain(
      'The handoff of assembled is not signed: the release will look into its bytes again',
    );
  });

  it.each(['auto', 'true'] as const)('because Sigstore is down, with `attest: %s`', async (mode) => {
    const files = memoryFiles();
    const job = await aJob(files);
    const { attest } = job.start.inputs;
    const start = { ...job.start, inputs: { ...job.start.inputs, attest: { ...attest, mode } } };
    const down: Signing = {
      ...job.signing,
      signer: {
        sign: async () => {
          throw new ReleaseError('SIGSTORE_UNAVAILABLE', 'nobody answers');
        },
      },
    };
    const left = leave({ ...job, start, signing: down });
    if (mode === 'true') await expect(left).rejects.toMatchObject({ code: 'SIGSTORE_UNAVAILABLE' });
    else expect(await left).toEqual({ folder: FOLDER });
    expect(await files.exists(BUNDLE)).toBe(false);
  });
});

describe('a handoff signed by key', () => {
  const key = () => ({
    pem: generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
    password: '',
  });
  const byKey = (own: ReturnType<typeof key>): JobOptions => ({
    inputs: {
      attest: { mode: 'true', instance: 'auto', key: own },
      tools: { ...anInputs().tools, offline: true },
    },
  });

  it.each([
    ['by this run', {}, 'built'],
    ['by another run', { run_id: '4243' }, 'verdict'],
  ] as const)('%s', async (_, release, trust) => {
    const [files, own] = [memoryFiles(), key()];
    await leave(await aJob(files, {}, byKey(own)));
    expect(await trusted(await aJob(files, release, byKey(own)))).toBe(trust);
  });

  it('of somebody else is refused', async () => {
    const files = memoryFiles();
    await leave(await aJob(files, {}, byKey(key())));
    await expect(trusted(await aJob(files, {}, byKey(key())))).rejects.toMatchObject({
      code: 'HANDOFF_INVALID',
    });
  });

  it('is refused where the job itself signs by its identity', async () => {
    const files = memoryFiles();
    await leave(await aJob(files, {}, byKey(key())));
    await expect(trusted(await aJob(files))).rejects.toMatchObject({ code: 'HANDOFF_INVALID' });
  });
});

describe('handoffs as artifacts', () => {
  it('come from the last attempt of each shard', async () => {
    const files = memoryFiles();
    const shelf = fakeArtifacts(files);
    const options = { artifacts: shelf };
    expect(await leave(await aJob(files, {}, options))).toEqual({
      folder: FOLDER,
      artifact: expect.stringMatching(/^module-release-handoff\.assembled\.[0-9a-f]{8}\.1$/),
    });
    await leave(await aJob(files, { run_attempt: '10' }, options));
    await leave(await aJob(files, { run_attempt: '9' }, options));
    shelf.content.set('module-release-handoff.other', new Map([['handoff.json', 'no attempt']]));
    shelf.content.set('something', new Map([['handoff.json', 'else']]));
    await files.remove('/reports');

    const inputs = { fanOut: { runners: [], scope: 'shard', handoffs: ['artifact'] } } as const;
    const release = await aJob(files, { run_attempt: '11' }, { ...options, inputs });
    expect(await trusted(release)).toBe('built');
    const downloaded = release.log.lines.filter((line) => line.startsWith('Downloaded the artifact'));
    expect(downloaded).toEqual([expect.stringMatching(/\.assembled\.[0-9a-f]{8}\.10\.$/)]);
  });

  it('are not to be had everywhere', async () => {
    const files = memoryFiles();
    const inputs = { fanOut: { runners: [], scope: 'shard', handoffs: ['artifact'] } } as const;
    await expect(trusted(await aJob(files, {}, { inputs }))).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: 'input `handoff`: there are no artifacts here',
    });
  });

  it('that nobody has uploaded are missing, by their shards', async () => {
    const files = memoryFiles();
    const inputs = { fanOut: { runners: [], scope: 'shard', handoffs: ['artifact'] } } as const;
    const job = await aJob(files, {}, { inputs, artifacts: fakeArtifacts(files) });
    await expect(trusted(job)).rejects.toMatchObject({
      code: 'HANDOFF_INCOMPLETE',
      problems: { length: 4 },
    });
  });
});
