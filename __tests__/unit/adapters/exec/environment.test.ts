import { describe, expect, it } from '@jest/globals';
import { briefGo, composeEnvironment } from '../../../../src/adapters/exec/environment.ts';

const own = {
  PATH: '/bin',
  HOME: '/root',
  LC_ALL: 'C',
  https_proxy: 'http://proxy',
  NO_PROXY: 'a',
  SSL_CERT_FILE: '/ca',
  XDG_CACHE_HOME: '/cache',
  DOCKER_HOST: 'tcp://x',
  INPUT_PASSWORD: 'p',
  'INPUT_GITHUB-TOKEN': 't',
  STATE_temp: '/t',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'o',
  ACTIONS_RUNTIME_TOKEN: 'r',
  GITHUB_TOKEN: 'g',
  GONE: undefined,
};

describe('the environment of a tool', () => {
  it('is the runner’s without our inputs, our state and the identity token', () => {
    expect(Object.keys(composeEnvironment(own, 'full')).sort()).toEqual(
      [
        'ACTIONS_RUNTIME_TOKEN',
        'DOCKER_HOST',
        'GITHUB_TOKEN',
        'HOME',
        'LC_ALL',
        'NO_PROXY',
        'PATH',
        'SSL_CERT_FILE',
        'XDG_CACHE_HOME',
        'https_proxy',
      ].sort(),
    );
  });

  it('is an allow-list for tools that must see no secret', () => {
    expect(Object.keys(composeEnvironment(own, 'minimal')).sort()).toEqual(
      ['HOME', 'LC_ALL', 'NO_PROXY', 'PATH', 'SSL_CERT_FILE', 'XDG_CACHE_HOME', 'https_proxy'].sort(),
    );
  });

  it('takes what the caller adds, also over its own', () => {
    expect(composeEnvironment(own, 'minimal', { HOME: '/h', X: '1' })).toMatchObject({ HOME: '/h', X: '1' });
  });
});

describe('tools that live for a moment', () => {
  it('collect no garbage before an eighth of the memory is full of it', () => {
    expect(briefGo({}, 16 * 1024 ** 3)).toEqual({ GOGC: 'off', GOMEMLIMIT: '2048MiB' });
    expect(briefGo({}, 1024 ** 3)).toEqual({ GOGC: 'off', GOMEMLIMIT: '512MiB' });
  });

  it.each([{ GOGC: '100' }, { GOMEMLIMIT: '1GiB' }])('do as the runner says: %j', (own) => {
    expect(briefGo(own, 16 * 1024 ** 3)).toEqual({});
  });
});
