import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writesOf } from '../helpers/e2e-bench.ts';
import { GITHUB_CLAIMS } from '../helpers/oidc/oidc.ts';
import { annotationsOf } from '../helpers/runner-log.ts';
import type { AttestBench } from './helpers/attest-bench.ts';
import { type FinishBench, finishBench, readKept, writeKept } from './helpers/finish-bench.ts';

let bench: FinishBench;
/** Of a release that could sign nothing. */
let record: string;
let host: string;

beforeAll(async () => {
  bench = await finishBench();
  host = bench.e2e.registry.host;
  ({ record } = await bench.interrupted('refused'));
});
afterAll(() => bench.dispose());

const audience = (of: string): string =>
  JSON.parse(Buffer.from(readKept(of, 'token.jwt').split('.')[1] ?? '', 'base64url').toString()).aud;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** The token with another head, signed as the function says. */
const forged = (of: string, change: object, signed: (text: string) => Buffer): string => {
  const [head = '', body = ''] = readKept(of, 'token.jwt').split('.');
  const text = `${part({ ...JSON.parse(Buffer.from(head, 'base64url').toString()), ...change })}.${body}`;
  return `${text}.${signed(text).toString('base64url')}`;
};
const claiming = (claims: Parameters<AttestBench['oidc']['token']>[1]) => (of: string) =>
  writeKept(of, 'token.jwt', bench.oidc.token(audience(of), claims));
const listOf = (of: string) => JSON.parse(readKept(of, 'list.json'));
const statementFile = (of: string, kind: string): string =>
  `${listOf(of)
    .statements.find((each: { kind: string }) => each.kind === kind)
    .digest.slice(7)}.json`;
const inRecord = (of: string, change: (text: string) => string): void =>
  writeFileSync(of, change(readFileSync(of, 'utf8')));

const WRONG: readonly (readonly [string, (of: string) => unknown, RegExp])[] = [
  [
    'for a statement with another word in it',
    (of) => {
      const name = statementFile(of, 'provenance');
      writeKept(of, name, readKept(of, name).replace('release.yml', 'revised.yml'));
    },
    /provenance of app: expected sha256:[0-9a-f]{64}, got sha256:/,
  ],
  [
    'for a statement that was swapped for another one',
    (of) => writeKept(of, statementFile(of, 'signature'), readKept(of, statementFile(of, 'provenance'))),
    /signature of app: expected sha256:[0-9a-f]{64}, got sha256:/,
  ],
  [
    'for a statement that is missing',
    (of) => rmSync(join(dirname(of), 'statements', statementFile(of, 'cyclonedx'))),
    /cyclonedx of app: expected a file of bounded size, got no file/,
  ],
  [
    'for a list that was edited',
    (of) => writeKept(of, 'list.json', readKept(of, 'list.json').replace('"kind"', ' "kind"')),
    /digest of the list: expected sha256:/,
  ],
  [
    'for a list that was edited together with the record',
    (of) => {
      const text = readKept(of, 'list.json').replace('"kind"', ' "kind"');
      writeKept(of, 'list.json', text);
      const digest = createHash('sha256').update(text).digest('hex');
      inRecord(of, (before) =>
        before.replace(/("statements": \{\s*"digest": "sha256:)[0-9a-f]{64}/, `$1${digest}`),
      );
    },
    /audience of the token: expected module-release:sha256:/,
  ],
  [
    'for a record that names another image',
    (of) => inRecord(of, (text) => text.replaceAll(`${host}/refused/app@`, `${host}/other/app@`)),
    /images of the record: expected app: .*refused/,
  ],
  [
    'without the folder',
    (of) => rmSync(join(dirname(of), 'statements'), { recursive: true }),
    /list: expected the folder/,
  ],
  [
    'without a token',
    (of) => rmSync(join(dirname(of), 'statements/token.jwt')),
    /voucher: expected a token of the issuer/,
  ],
  ['by something that is no token', (of) => writeKept(of, 'token.jwt', 'a.b.c'), /form of the token/],
  [
    'by a token for another audience',
    (of) => writeKept(of, 'token.jwt', bench.oidc.token('sigstore')),
    /audience of the token: expected module-release:sha256:[0-9a-f]{64}, got sigstore/,
  ],
  [
    'by a token that another key has signed',
    (of) => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      writeKept(
        of,
        'token.jwt',
        forged(of, {}, (text) => sign('sha256', Buffer.from(text), privateKey)),
      );
    },
    /signature of the token: expected that of the key/,
  ],
  [
    'by a token of a key that is not published',
    (of) =>
      writeKept(
        of,
        'token.jwt',
        forged(of, { kid: 'mine' }, () => Buffer.from('x')),
      ),
    /key of the token: expected a key that .* publishes, got mine/,
  ],
  [
    'by a token without a signature',
    (of) =>
      writeKept(
        of,
        'token.jwt',
        forged(of, { alg: 'none' }, () => Buffer.from('x')),
      ),
    /algorithm of the token: expected RS256, got none/,
  ],
  [
    'by a token that the public key has signed as a secret',
    async (of) => {
      const { keys } = JSON.parse(await (await fetch(`${bench.oidc.url}/.well-known/jwks`)).text());
      const secret = createPublicKey({ key: keys[0], format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      });
      const hmac = (text: string) => createHmac('sha256', secret).update(text).digest();
      writeKept(of, 'token.jwt', forged(of, { alg: 'HS256' }, hmac));
    },
    /algorithm of the token: expected RS256, got HS256/,
  ],
  [
    'by a token of a year',
    claiming({ exp: Math.floor(Date.now() / 1000) + 365 * 86_400 }),
    /times of the token/,
  ],
  [
    'by a token of tomorrow',
    claiming({ iat: Math.floor(Date.now() / 1000) + 80_000, exp: Math.floor(Date.now() / 1000) + 80_300 }),
    /times of the token/,
  ],
  ['by another issuer', claiming({ iss: 'https://token.example.com' }), /issuer of the token/],
  [
    'for a run of another repository',
    claiming({ repository: 'Acme/Other' }),
    /: repository: expected Acme\/Modules, got Acme\/Other/,
  ],
  [
    'for a run of another owner under the same name',
    claiming({ repository_owner_id: '99' }),
    /number of the owner/,
  ],
  [
    'for a run of another workflow',
    claiming({ job_workflow_ref: 'Acme/Modules/.github/workflows/evil.yml@refs/tags/v1.2.3' }),
    /signer workflow: expected .*release\.yml.*, got .*evil\.yml/,
  ],
  [
    'for a run that another workflow started',
    claiming({ workflow_ref: 'Acme/Modules/.github/workflows/evil.yml@refs/tags/v1.2.3' }),
    /workflow that was started/,
  ],
  [
    'for a run of another ref',
    claiming({ ref: 'refs/heads/main' }),
    /branch or tag: expected refs\/tags\/v1\.2\.3, got refs\/heads\/main/,
  ],
  [
    'for a run of another commit',
    claiming({ sha: 'a'.repeat(40) }),
    /: commit: expected [0-9a-f]{40}, got a{40}/,
  ],
  [
    'for a run on another kind of runner',
    claiming({ runner_environment: 'self-hosted' }),
    /kind of runner: expected github-hosted, got self-hosted/,
  ],
  [
    'for another run than the provenance names',
    claiming({ run_id: '4343' }),
    /run of a provenance: expected .*\/4343\/.*, got .*\/4242\//,
  ],
];

describe('nothing is signed', () => {
  it.each(WRONG)('%s', async (_, change, message) => {
    const wrong = bench.copied(record);
    await change(wrong);
    bench.oidc.setClaims({ sha: bench.modules.sha });
    const [asked, from] = [bench.sigstore.requests.length, bench.e2e.registry.requests.length];
    const run = await bench.finish(wrong);
    expect(run).toMatchObject({ exitCode: 1, outputs: { status: 'failed', 'error-code': 'VERIFY_FAILED' } });
    expect(annotationsOf(run.log).find(({ level }) => level === 'error')?.text).toMatch(message);
    expect(bench.sigstore.requests.length).toBe(asked);
    expect(writesOf(bench.e2e.registry.requests.slice(from))).toEqual([]);
  });

  it('by a run of another commit than the record', async () => {
    bench.oidc.setClaims({ sha: 'b'.repeat(40) });
    const run = await bench.finish(bench.copied(record), { sha: 'b'.repeat(40) });
    expect(run.outputs['error-code']).toBe('COMMIT_MISMATCH');
  });

  it('by a run of another workflow than the one that built', async () => {
    const { job_workflow_ref } = GITHUB_CLAIMS;
    bench.oidc.setClaims({
      sha: bench.modules.sha,
      job_workflow_ref: job_workflow_ref.replace('release', 'other'),
    });
    const run = await bench.finish(bench.copied(record));
    bench.oidc.setClaims({ job_workflow_ref });
    expect(run.outputs['error-code']).toBe('VERIFY_FAILED');
    expect(run.log).toMatch(/signer workflow: expected .*other\.yml.*, got .*release\.yml/);
  });

  it('while the keys of the issuer cannot be had', async () => {
    bench.oidc.setClaims({ sha: bench.modules.sha });
    bench.oidc.hideKeys(true);
    const run = await bench.finish(bench.copied(record));
    bench.oidc.hideKeys(false);
    expect(run.outputs['error-code']).toBe('SIGSTORE_UNAVAILABLE');
    expect(run.log).toMatch(/the keys of the OIDC issuer cannot be fetched/);
  });
});
