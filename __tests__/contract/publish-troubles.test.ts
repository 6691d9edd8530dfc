import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { explain } from '../../src/adapters/registry/explain.ts';
import { RegistryFailure } from '../../src/adapters/registry/failure.ts';
import { ERRORS, ReleaseError, toReleaseError } from '../../src/model/errors.ts';
import { planRelease } from '../../src/plan/plan-release.ts';
import { aContext, anInputs, someFacts, somePublishInputs } from '../helpers/a-context.ts';
import { compassAt, IMAGE, noteBoard, publishOnce } from '../helpers/publish-bench.ts';
import { type RunningPlatform, startPlatform } from '../helpers/publish-platform/platform.ts';

/** Every trouble that the documents of HLA-Compass list, by their words, and what we make of it. */
let platform: RunningPlatform;
beforeEach(async () => {
  platform = await startPlatform();
});
afterEach(() => platform.stop());

type Told = { readonly code: string; readonly message: string; readonly hint: string };

function told(error: unknown): Told {
  const { code, message, hint } = toReleaseError(error);
  return { code, message, hint: hint ?? ERRORS[code].hint };
}

/** The platform answers the request so. */
async function refused(status: number, body: unknown): Promise<Told> {
  platform.faults.add({
    when: { method: 'POST' },
    effect: { do: 'answer', status, body: JSON.stringify(body) },
  });
  return told((await publishOnce(compassAt(platform.url), noteBoard())).error);
}

/** The job of the platform ends so. */
async function ended(answer: Readonly<Record<string, unknown>>): Promise<Told> {
  platform.jobs.courses = [[answer]];
  return told((await publishOnce(compassAt(platform.url), noteBoard())).error);
}

const code = (word: string, message: string) => ({ error: { code: word, message } });

type Row = readonly [
  text: string,
  provoke: () => Promise<Told>,
  code: string,
  cause: RegExp,
  ...fixes: readonly RegExp[],
];

const ALLOW = /add ghcr\.io\/acme\/\* under Org Settings → Registries/;
const OTHER_PLACE = /set `registry` and `namespace` to a registered one/;

/** “CI/CD recipes”, §5. */
const RECIPES: readonly Row[] = [
  [
    '`403` pushing to GHCR',
    async () => {
      const place = { method: 'POST', target: 'ghcr.io/acme/parser', stage: 'registry' } as const;
      const failure = new RegistryFailure({ ...place, status: 403, transient: false });
      return told(explain(failure, { repository: IMAGE.repository, login: undefined }));
    },
    'REGISTRY_FORBIDDEN',
    /ghcr\.io\/acme\/parser: 403/,
    /`permissions: packages: write`/,
    /`write:packages`/,
  ],
  [
    '`REGISTRY_UNAUTHORIZED` from publish',
    () => refused(403, code('REGISTRY_UNAUTHORIZED', 'Namespace is not registered')),
    'REGISTRY_UNAUTHORIZED',
    /403 REGISTRY_UNAUTHORIZED: Namespace is not registered/,
    ALLOW,
    OTHER_PLACE,
  ],
  [
    '`manifest.json not found` during publish',
    async () => {
      const publish = somePublishInputs({ asked: true, token: 't', key: 'k' });
      const context = aContext({ ref: 'refs/tags/v1.2.3' });
      const [problem, ...others] = planRelease(anInputs({ publish }), context, someFacts()).problems;
      expect(others).toEqual([]);
      return told(new ReleaseError(problem!.code, problem!.message, { hint: problem!.hint }));
    },
    'MANIFEST_NOT_FOUND',
    /no manifest\.json in the root of the checkout/,
    /`working-directory`/,
  ],
  [
    '`Security scan failed`',
    () => ended({ status: 'rejected', failurePhase: 'scan', failureReason: 'Security scan failed' }),
    'PUBLISH_FAILED',
    /in the phase scan: Security scan failed/,
    /Upgrade the base images and dependencies/,
    /security@alithea\.bio for a waiver \(at most 30 days\)/,
  ],
  [
    'CI cannot pull private GHCR image',
    async () => {
      const anonymous = () => Promise.reject(new ReleaseError('REGISTRY_LOGIN', 'no'));
      const { log, error } = await publishOnce(compassAt(platform.url), noteBoard(), { anonymous });
      expect(error).toBeUndefined();
      const warning = log.lines.find((line) => line.startsWith('warning: '));
      expect(warning).toMatch(/needs a read-only credential for ghcr\.io\/acme\/parser .*`read:packages`/);
      platform.jobs.all.length = 0;
      return ended({ status: 'failed', failurePhase: 'pull', failureReason: 'Cannot pull the image' });
    },
    'PUBLISH_FAILED',
    /in the phase pull: Cannot pull the image/,
    /register a read-only credential .*`read:packages`/,
    /`docker pull` from a clean environment/,
  ],
];

/** “Publishing”, Troubleshooting. */
const PUBLISHING: readonly Row[] = [
  [
    '"Registry not in allowlist"',
    () => refused(403, { message: 'Registry not in allowlist' }),
    'REGISTRY_UNAUTHORIZED',
    /403: Registry not in allowlist/,
    ALLOW,
  ],
  ...['Image not found', 'Forbidden'].map(
    (words): Row => [
      `"${words}"`,
      () => ended({ status: 'failed', failureReason: words }),
      'PUBLISH_FAILED',
      new RegExp(`ended as failed .*: ${words}`),
      /cannot pull the image/,
      /`docker pull` from a clean environment/,
    ],
  ),
  [
    '"Module publish requires developer access"',
    () => refused(403, { message: 'Module publish requires developer access' }),
    'PUBLISH_FORBIDDEN',
    /403: Module publish requires developer access/,
    /Ask an admin of the organization for the role `developer`/,
  ],
];

const THREE =
  /namespace under Org Settings → Registries, a read-only credential .* a trusted signer has signed/;

/** What the clients of the platform know besides. */
const CLIENTS: readonly Row[] = [
  [
    'SECURITY_SCAN_FAILED at once',
    () => refused(422, code('SECURITY_SCAN_FAILED', 'no')),
    'PUBLISH_FAILED',
    /422 SECURITY_SCAN_FAILED: no/,
    /waiver/,
  ],
  [
    'SECURITY_SCAN_FAILED of the job, in a state REJECTED',
    () => ended({ state: 'REJECTED', ...code('SECURITY_SCAN_FAILED', 'not clean') }),
    'PUBLISH_FAILED',
    /ended as rejected .*: SECURITY_SCAN_FAILED: not clean/,
    /waiver/,
  ],
  [
    'a scan that has failed, without a reason',
    () => ended({ status: 'rejected', securityScan: { status: 'failed', severityCounts: { HIGH: 3 } } }),
    'PUBLISH_FAILED',
    /security scan failed: 3 HIGH/,
    /waiver/,
  ],
  [
    'MFA_REQUIRED',
    () => refused(403, code('MFA_REQUIRED', 'Set it up')),
    'PUBLISH_FORBIDDEN',
    /403 MFA_REQUIRED: Set it up/,
    /multi-factor authentication; the request itself is right/,
  ],
  ['any 401', () => refused(401, {}), 'PUBLISH_AUTH', /: 401$/, /has expired, .* renew the secret/],
  [
    'any 403',
    () => refused(403, code('ORG_SUSPENDED', 'Not now')),
    'PUBLISH_FORBIDDEN',
    /403 ORG_SUSPENDED: Not now/,
    /in this environment/,
  ],
  [
    'version exists',
    () => refused(409, { message: 'Version 1.2.3 exists' }),
    'PUBLISH_VERSION_EXISTS',
    /has parser 1\.2\.3 already, .*Version 1\.2\.3 exists/,
    /Set the version of manifest\.json to 1\.2\.4 or higher/,
  ],
  [
    'an image that no trusted signer has signed',
    () => ended({ status: 'rejected', failureReason: 'Image is not signed by a trusted signer' }),
    'PUBLISH_FAILED',
    /not signed by a trusted signer/,
    /`permissions: id-token: write`/,
  ],
  [
    'every publish that failed otherwise',
    () => ended({ status: 'failed', failureReason: 'UI bundle is missing' }),
    'PUBLISH_FAILED',
    /UI bundle is missing/,
    THREE,
  ],
  [
    'an unknown code',
    () => refused(422, code('QUOTA_OF_TUESDAY', 'Come back')),
    'PUBLISH_FAILED',
    /422 QUOTA_OF_TUESDAY: Come back/,
    THREE,
  ],
  [
    'an unknown code of a job',
    () => ended({ status: 'failed', code: 'QUOTA_OF_TUESDAY', message: 'Come back' }),
    'PUBLISH_FAILED',
    /QUOTA_OF_TUESDAY: Come back/,
    THREE,
  ],
];

describe.each([
  ['the recipes for CI', RECIPES],
  ['the guide to publishing', PUBLISHING],
  ['the clients', CLIENTS],
] as const)('a trouble of %s', (_, rows) => {
  it.each(rows)('%s', async (...row) => {
    const [, provoke, expected, cause, ...fixes] = row;
    const { code, message, hint } = await provoke();
    expect(code).toBe(expected);
    expect(message).toMatch(cause);
    for (const fix of fixes) expect(hint).toMatch(fix);
  });
});
