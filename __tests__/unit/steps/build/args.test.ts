import { describe, expect, it } from '@jest/globals';
import { bakeArgs, bakeEnv } from '../../../../src/steps/build/args.ts';

const nothing = { read: [], write: [], ssh: false, hostNetwork: false };
const call = { builder: 'b', file: '/s/bake.json', metadataFile: '/s/meta.json', targets: ['app', '--push'] };

describe('the call of bake', () => {
  it('names builder, file and targets, and nothing of a target is an option', () => {
    expect(bakeArgs({ ...call, allow: nothing }).join(' ')).toBe(
      'buildx bake --builder b --file /s/bake.json --metadata-file /s/meta.json --progress rawjson -- app --push',
    );
  });

  it('allows what the build may touch, no more', () => {
    const allow = { read: ['/w', '/k'], write: ['/s'], ssh: true, hostNetwork: true };
    const args = bakeArgs({ ...call, allow });
    expect(args.filter((_, i) => args[i - 1] === '--allow')).toEqual([
      'fs.read=/w',
      'fs.read=/k',
      'fs.write=/s',
      'ssh',
      'network.host',
    ]);
  });

  it('has the date of the commit and the secrets in its environment', () => {
    expect(bakeEnv(1_700_000_000, { MODULE_RELEASE_SECRET_0: 's' }, true)).toEqual({
      MODULE_RELEASE_SECRET_0: 's',
      SOURCE_DATE_EPOCH: '1700000000',
      BUILDX_METADATA_PROVENANCE: 'disabled',
    });
  });

  it('asks git for nothing when no attestation would tell it', () => {
    expect(bakeEnv(1_700_000_000, {}, false)).toMatchObject({ BUILDX_GIT_INFO: 'false' });
  });
});
