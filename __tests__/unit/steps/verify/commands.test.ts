import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import type { IdentityPolicy } from '../../../../src/model/verification.ts';
import { commandLine, isLogged, verifyCommands } from '../../../../src/steps/verify/commands.ts';
import { POLICY } from '../../../helpers/verify-bench.ts';

const digest = digestOf('an image');
const ref = { repository: { registry: 'ghcr.io', path: 'acme/app' }, digest };
const IMAGE = `ghcr.io/acme/app@${digest}`;
const SAN = 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2.3';
const ISSUER = 'https://token.actions.githubusercontent.com';

function identity(change: Partial<IdentityPolicy> = {}): IdentityPolicy {
  if (POLICY.identity === 'key') throw new Error('not by key');
  return { ...POLICY.identity, ...change };
}

describe('the commands for a reader', () => {
  it('of a public release', () => {
    const claims = `--certificate-identity ${SAN} --certificate-oidc-issuer ${ISSUER} --certificate-github-workflow-repository acme/app --certificate-github-workflow-ref refs/tags/v1.2.3`;
    const gh = `gh attestation verify oci://${IMAGE} --repo acme/app --cert-identity ${SAN} --cert-oidc-issuer ${ISSUER} --source-ref refs/tags/v1.2.3 --bundle-from-oci --predicate-type`;
    const voucher = { kind: 'public-good', identity: identity() } as const;
    expect(verifyCommands({ ref, voucher, kinds: ['signature', 'provenance', 'spdx'] })).toEqual([
      `cosign verify ${claims} ${IMAGE}`,
      `cosign verify-attestation --type slsaprovenance1 ${claims} ${IMAGE}`,
      `cosign verify-attestation --type spdxjson ${claims} ${IMAGE}`,
      `${gh} https://sigstore.dev/cosign/sign/v1`,
      `${gh} https://slsa.dev/provenance/v1`,
      `${gh} https://spdx.dev/Document`,
    ]);
  });

  it("of GitHub's own instance name GitHub's tool alone", () => {
    const voucher = { kind: 'github', identity: identity() } as const;
    const lines = verifyCommands({ ref, voucher, kinds: ['provenance'] });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['gh']);
  });

  it('of a private instance name its trusted root', () => {
    const voucher = { kind: 'private', identity: identity() } as const;
    const lines = verifyCommands({
      ref,
      voucher,
      kinds: ['signature'],
      files: { trustedRoot: "it's root.json" },
    });
    expect(lines[0]).toContain(`--trusted-root 'it'\\''s root.json' `);
    expect(lines[1]).toContain(`--custom-trusted-root 'it'\\''s root.json' `);
  });

  it('of an instance without a log tell cosign to go by timestamps', () => {
    const voucher = { kind: 'private', identity: identity(), logged: false } as const;
    const [cosign, gh] = verifyCommands({ ref, voucher, kinds: ['signature'] });
    expect(cosign).toContain(
      ' --trusted-root trusted-root.json --insecure-ignore-tlog --use-signed-timestamps ',
    );
    expect(gh).not.toContain('tlog');
  });

  it('know by the bundle whether there is a log', () => {
    const bundle = (material: unknown) =>
      new TextEncoder().encode(JSON.stringify({ verificationMaterial: material }));
    expect(isLogged(bundle({ tlogEntries: [{ logIndex: '1' }] }))).toBe(true);
    expect(isLogged(bundle({ tlogEntries: [] }))).toBe(false);
    expect(isLogged(bundle({}))).toBe(false);
  });

  it('of a key, in a log and in none', () => {
    const lines = (logged: boolean) =>
      verifyCommands({ ref, voucher: { kind: 'key', logged }, kinds: ['signature'] });
    expect(lines(true)).toEqual([`cosign verify --key cosign.pub ${IMAGE}`]);
    expect(lines(false)).toEqual([`cosign verify --key cosign.pub --insecure-ignore-tlog ${IMAGE}`]);
  });

  it.each<[string, Partial<IdentityPolicy>, string]>([
    [
      'a reusable workflow',
      {
        workflow: {
          kind: 'exact',
          repository: 'https://github.com/acme/flows',
          path: '.github/workflows/r.yml',
          ref: 'refs/tags/v4',
        },
      },
      '--certificate-identity https://github.com/acme/flows/.github/workflows/r.yml@refs/tags/v4 ',
    ],
    [
      'any workflow',
      { workflow: { kind: 'any' } },
      "--certificate-identity-regexp '^(?:https://github\\.com/acme/app/\\.github/workflows/[^/@]+@refs/tags/v1\\.2\\.3)$' ",
    ],
    [
      'a pattern of refs',
      { ref: { kind: 'regexp', value: 'refs/tags/v1\\..*' } },
      "--certificate-identity-regexp '^(?:https://github\\.com/acme/app/\\.github/workflows/release\\.yml@(?:refs/tags/v1\\..*))$' ",
    ],
  ])('with %s', (_, change, expected) => {
    const voucher = { kind: 'public-good', identity: identity(change) } as const;
    expect(verifyCommands({ ref, voucher, kinds: ['signature'] })[0]).toContain(expected);
  });
});

it.each([
  ['plain'],
  ["it's"],
  ['$(touch /tmp/owned)'],
  ['`id`;id|id&id>x'],
  ['a b\tc\nd'],
  ['"${HOME}"\\'],
  ["'''"],
  ['~root *'],
  [''],
])('a shell reads %j as one word', (word) => {
  const line = commandLine(['printf', '%s|', word]);
  expect(execFileSync('sh', ['-c', line]).toString()).toBe(`${word}|`);
});
