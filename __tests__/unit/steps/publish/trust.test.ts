import { describe, expect, it } from '@jest/globals';
import type { TrustedSigner } from '../../../../src/model/publish.ts';
import { distrust, type ImageSigner } from '../../../../src/steps/publish/run.ts';

const workflow: ImageSigner = {
  kind: 'workflow',
  san: 'https://github.com/Acme/Modules/.github/workflows/release.yml@refs/tags/v1.2.3',
  issuer: 'https://token.actions.githubusercontent.com',
};
const key: ImageSigner = { kind: 'key', publicKey: '-----BEGIN\nAAAA\nBBBB\n-----END\n' };
const oidc = (identityRegexp?: string, issuer?: string): TrustedSigner => ({
  type: 'github_actions_oidc',
  ...(identityRegexp === undefined ? {} : { identityRegexp }),
  ...(issuer === undefined ? {} : { issuer }),
});
const byKey = (publicKey: string): TrustedSigner => ({ type: 'cosign_public_key', publicKey });

describe('a platform that lists whose signatures it trusts', () => {
  it.each<[string, ImageSigner, readonly TrustedSigner[], RegExp | undefined]>([
    ['the workflow, by a pattern', workflow, [oidc('^https://github.com/Acme/')], undefined],
    ['the workflow, by a part', workflow, [oidc('Modules')], undefined],
    ['any workflow', workflow, [oidc()], undefined],
    [
      'another owner',
      workflow,
      [oidc('^https://github.com/Other/')],
      /none of the signers that it trusts \(github_actions_oidc\) matches https:\/\/github\.com\/Acme/,
    ],
    ['another issuer', workflow, [oidc('Acme', 'https://gitlab.com')], /none of the signers/],
    ['one of several', workflow, [byKey('x'), oidc('Other'), oidc('Acme')], undefined],
    ['a kind that nobody knows', workflow, [{ type: 'notation' }], undefined],
    ['a pattern of Go alone', workflow, [oidc('(?i)^https://github.com/acme/')], undefined],
    ['a pattern that would not end', workflow, [oidc('^(a+)+$')], undefined],
    ['nobody', workflow, [], /trusts no signer of images/],
    ['our key', key, [byKey('-----BEGIN\r\nAAAA\r\nBBBB\r\n-----END')], undefined],
    ['another key', key, [byKey('-----BEGIN\nCCCC\n-----END')], /matches the key of `cosign-key`/],
    ['a key, and a workflow signs', workflow, [byKey('x')], /none of the signers/],
    ['signed images, and nobody signs', { kind: 'nobody' }, [oidc()], /trusts signed images only/],
  ])('trusts %s', (_, signer, trusted, words) => {
    const why = distrust(signer, trusted);
    if (words === undefined) expect(why).toBeUndefined();
    else expect(why).toMatch(words);
  });
});
