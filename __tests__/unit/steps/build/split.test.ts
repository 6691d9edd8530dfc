import { describe, expect, it } from '@jest/globals';
import { partNames, partsOf, splitDocument } from '../../../../src/steps/build/split.ts';

const BOTH = ['linux/amd64', 'linux/arm64'];
const document = {
  target: {
    base: { platforms: BOTH, contexts: { files: '../files' }, 'cache-to': ['type=gha,ignore-error=true'] },
    one: { platforms: ['linux/amd64'] },
    app: {
      platforms: BOTH,
      contexts: { base: 'target:base', one: 'target:one' },
      annotations: ['index,manifest:both=1', 'index:top=2', 'manifest[linux/arm64]:arm=3'],
      output: ['type=oci,dest=/whole'],
    },
    'app-linux-arm64': {},
  },
};
const parts = partsOf(document);

describe('targets of several platforms, one by one', () => {
  it('get a target for each platform, under a name that nothing has', () => {
    expect(Object.fromEntries(parts)).toEqual({
      base: [
        { target: 'base-linux-amd64', platform: 'linux/amd64' },
        { target: 'base-linux-arm64', platform: 'linux/arm64' },
      ],
      app: [
        { target: 'app-linux-amd64', platform: 'linux/amd64' },
        { target: 'app-linux-arm64_', platform: 'linux/arm64' },
      ],
    });
    expect(partNames(parts, ['one', 'app'])).toEqual(['one', 'app-linux-amd64', 'app-linux-arm64_']);
  });

  it('stand on the part of their own platform, and have caches, annotations and an output of their own', () => {
    const { target } = splitDocument(document, parts, (name, { platform }) =>
      name === 'app' ? [`type=oci,dest=/${platform}`] : undefined,
    );
    expect(Object.keys(target)).toEqual([
      'base-linux-amd64',
      'base-linux-arm64',
      'one',
      'app-linux-amd64',
      'app-linux-arm64_',
      'app-linux-arm64',
    ]);
    expect(target['base-linux-arm64']).toEqual({
      platforms: ['linux/arm64'],
      contexts: { files: '../files' },
      'cache-to': ['type=gha,ignore-error=true,scope=linux-arm64'],
    });
    expect(target['app-linux-arm64_']).toEqual({
      platforms: ['linux/arm64'],
      contexts: { base: 'target:base-linux-arm64', one: 'target:one' },
      annotations: ['manifest:both=1', 'manifest:arm=3'],
      output: ['type=oci,dest=/linux/arm64'],
    });
    expect(target['app-linux-amd64']).toMatchObject({ annotations: ['manifest:both=1'] });
    expect(target.one).toBe(document.target.one);
  });
});
