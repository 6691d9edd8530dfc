import { describe, expect, it } from '@jest/globals';
import { checkReach } from '../../../../src/steps/build/reach.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

/** A checkout with links of all kinds; `/out` lies beside it. */
async function check(target: Readonly<Record<string, unknown>>, granted: readonly string[] = []) {
  const files = memoryFiles({
    '/ws/app/Dockerfile': '',
    '/ws/shared/x': '',
    '/out/Dockerfile': '',
    '/out/key': '',
  });
  await files.link('/out', '/ws/leak');
  await files.link('../shared', '/ws/app/inner');
  await files.link('/out/Dockerfile', '/ws/app/Leakfile');
  await files.link('/out/key', '/ws/key');
  const build = { selected: ['app'], targets: {}, printed: { target: { app: target } } };
  const problems = await checkReach(build, { workspace: '/ws', cwd: '/ws', granted }, { files });
  return problems.map(({ message }) => message);
}

describe('what a build reads', () => {
  it.each<[string, Record<string, unknown>]>([
    ['the checkout itself', {}],
    ['a folder of it', { context: 'app', dockerfile: 'Dockerfile' }],
    ['a folder by its whole path', { context: '/ws/app' }],
    ['a link that stays inside', { context: 'app/inner' }],
    ['a Dockerfile beside its context', { context: 'app', dockerfile: '../shared/x' }],
    ['a Git repository', { context: 'https://github.com/acme/app.git', dockerfile: '../../x' }],
    ['a Git repository by ssh', { context: 'git@github.com:acme/app.git' }],
    ['other targets and images', { contexts: { a: 'target:b', c: 'docker-image://alpine', d: null } }],
    ['a secret of the environment', { secret: [{ id: 'a', type: 'env', env: 'A' }, 'id=b,env=B'] }],
    ['a file that is not there', { context: 'app', dockerfile: 'Nope' }],
    ['an inline Dockerfile', { 'dockerfile-inline': 'FROM scratch', dockerfile: '/out/Dockerfile' }],
  ])('may be %s', async (_, target) => {
    expect(await check(target)).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a context above', { context: '..' }, 'the context of app leads out of the checkout: .. is /'],
    ['a context beside', { context: '/out' }, 'the context of app leads out of the checkout: /out is /out'],
    ['a linked context', { context: 'leak' }, 'the context of app leads out of the checkout: leak is /out'],
    [
      'a folder behind a link',
      { context: 'cwd://leak/sub' },
      'the context of app leads out of the checkout: leak/sub is /out/sub',
    ],
    [
      'a Dockerfile above',
      { context: 'app', dockerfile: '../../out/Dockerfile' },
      'the Dockerfile of app leads out of the checkout: app/../../out/Dockerfile is /out/Dockerfile',
    ],
    [
      'a linked Dockerfile',
      { context: 'app', dockerfile: 'Leakfile' },
      'the Dockerfile of app leads out of the checkout: app/Leakfile is /out/Dockerfile',
    ],
    [
      'a Dockerfile by its whole path',
      { dockerfile: '/out/Dockerfile' },
      'the Dockerfile of app leads out of the checkout: /out/Dockerfile is /out/Dockerfile',
    ],
    [
      'a named context',
      { contexts: { src: 'leak' } },
      'the context src of app leads out of the checkout: leak is /out',
    ],
    [
      'a layout',
      { contexts: { base: 'oci-layout://leak/img:1.2' } },
      'the context base of app leads out of the checkout: leak/img is /out/img',
    ],
    [
      'a secret file',
      { secret: [{ id: 'a', type: 'file', src: '/out/key' }] },
      'the secret file of app leads out of the checkout: /out/key is /out/key',
    ],
    [
      'a secret file as text',
      { secret: ['id=a,src=key'] },
      'the secret file of app leads out of the checkout: key is /out/key',
    ],
  ])('may not be %s', async (_, target, message) => {
    expect(await check(target)).toEqual([message]);
  });

  it('may be a secret file that the inputs name, but no link of the checkout', async () => {
    expect(await check({ secret: [{ id: 'a', src: '/out/key' }] }, ['/out/key'])).toEqual([]);
    expect(await check({ secret: [{ id: 'a', src: '/ws/key' }] }, ['/ws/key'])).toHaveLength(1);
  });

  it('is told all at once', async () => {
    expect(
      await check({ context: 'leak', dockerfile: '/out/Dockerfile', contexts: { a: '/out' } }),
    ).toHaveLength(3);
  });
});
