import { describe, expect, it } from '@jest/globals';
import { imageParameters, publicInputs } from '../../../../src/steps/attest/parameters.ts';
import { anImageInput, anInputs, aTarget, imageSet, someBuildInputs } from '../../../helpers/a-context.ts';
import { aPlannedImage } from '../../../helpers/a-release.ts';

describe('the inputs that are signed', () => {
  it('hold no value of a secret, a login, a token, a build argument or a cache', () => {
    const build = someBuildInputs({
      definition: imageSet(
        anImageInput({
          context: 'https://hidden-1@github.com/acme/app.git?t=hidden-2#main',
          args: { TOKEN: 'hidden-3' },
          contexts: {
            a: 'git@host:hidden/x',
            b: 'https://u:hidden-4@example.com/x.tgz',
            c: 'oci-layout:///hidden-5',
          },
          labels: { l: 'hidden-6' },
          from: { kind: 'docker-archive', path: '/hidden-7' },
        }),
      ),
      secrets: { npm: 'hidden-8' },
      secretFiles: { key: '/hidden-9' },
      ssh: ['default=/hidden-10'],
      cacheFrom: ['type=s3,secret_access_key=hidden-11'],
      cacheTo: ['type=gha,token=hidden-12'],
    });
    const inputs = anInputs({
      build,
      githubToken: 'hidden-13',
      login: { credentials: [{ registry: 'r', username: 'hidden-14', password: 'hidden-15' }], insecure: [] },
      workspace: '/hidden-16',
      workingDirectory: '/hidden-17',
    });
    const shown = publicInputs(inputs);
    expect(JSON.stringify(shown).replace('ssh://host/hidden/x', '')).not.toContain('hidden');
    expect(shown).toMatchObject({
      command: 'release',
      registry: ['ghcr.io'],
      secrets: ['key', 'npm'],
      images: [
        {
          from: 'docker-archive',
          context: 'https://github.com/acme/app.git#main',
          'build-args': ['TOKEN'],
          'build-contexts': { a: 'ssh://host/hidden/x', b: 'https://example.com/x.tgz', c: '(not shown)' },
        },
      ],
    });
  });

  it.each([
    ['docker/base'],
    ['target:base'],
    ['docker-image://alpine:3'],
    [`docker-image://ghcr.io/a/b@sha256:${'a'.repeat(64)}`],
  ])('show a context that holds nothing to hide: %s', (place) => {
    const definition = imageSet(anImageInput({ contexts: { x: place } }));
    expect(publicInputs(anInputs({ build: someBuildInputs({ definition }) }))).toMatchObject({
      images: [{ 'build-contexts': { x: place } }],
    });
  });
});

describe('the parameters of an image', () => {
  it('name its target and its build arguments', () => {
    const definition = { args: { B: 'hidden', A: 'hidden' } };
    const build = { selected: ['app'], targets: { app: aTarget('app', { definition }) } };
    const planned = aPlannedImage('app', { planHash: 'sha256:p' });
    expect(imageParameters(planned, build)).toEqual({
      name: 'app',
      target: 'app',
      'build-args': ['A', 'B'],
      'plan-hash': 'sha256:p',
    });
  });

  it('name the source of an image that is brought, not its place', () => {
    const planned = aPlannedImage('app', { source: { kind: 'oci-layout', path: '/home/me' } });
    expect(imageParameters(planned, undefined)).toEqual({ name: 'app', source: 'oci-layout' });
  });
});
