import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../src/model/digest.ts';
import type { MovedTag, TagMove } from '../../../../src/model/promotion.ts';
import {
  type DeploymentAbout,
  isCommit,
  isMove,
  pageOf,
  requestOf,
  stateOf,
} from '../../../../src/steps/deployment/request.ts';

const [OLD, NEW] = [digestOf('old'), digestOf('new')];
const RUN = 'https://github.com/acme/app/actions/runs/1';

function aMove(tag: string, change: Partial<TagMove> = {}): TagMove {
  const repository = { registry: 'ghcr.io', path: 'acme/app' };
  return { image: 'app', ref: { repository, tag }, from: OLD, to: NEW, ...change };
}

const ABOUT: DeploymentAbout = {
  channel: 'prod',
  kind: 'promote',
  environment: 'production',
  isProduction: true,
  version: '1.2.3',
  immutableTag: '1.2.3',
  revision: 'c'.repeat(40),
  run: RUN,
};

describe('what is recorded', () => {
  it('is the release, and what the tag of the channel pointed at before', () => {
    const mirror = { repository: { registry: 'example.com', path: 'm/app' }, tag: 'prod' };
    const { from: _, ...first } = aMove('prod', { ref: mirror });
    expect(requestOf(ABOUT, [aMove('prod'), aMove('latest'), first], 'n')).toEqual({
      environment: 'production',
      revision: 'c'.repeat(40),
      description: 'prod at 1.2.3',
      isProduction: true,
      payload: {
        nonce: 'n',
        channel: 'prod',
        kind: 'promote',
        version: '1.2.3',
        immutable_tag: '1.2.3',
        run: RUN,
        images: [
          { image: 'app', repository: 'ghcr.io/acme/app', digest: NEW, previous: OLD },
          { image: 'app', repository: 'example.com/m/app', digest: NEW, previous: null },
        ],
      },
    });
  });

  it('has no version where there is none, and says where a rollback leads', () => {
    const { version: _, ...rest } = ABOUT;
    const tag = `sha-${'c'.repeat(40)}`;
    const request = requestOf({ ...rest, kind: 'rollback', immutableTag: tag }, [], 'n');
    expect(request).toMatchObject({ description: `prod back to ${tag}`, payload: { version: null } });
  });

  it('fits into what GitHub takes', () => {
    const many = Array.from({ length: 500 }, (_, i) => aMove('prod', { image: `image-${i}` }));
    const { payload } = requestOf(ABOUT, many, 'n');
    expect(payload).not.toHaveProperty('images');
    expect(payload).toMatchObject({ nonce: 'n', version: '1.2.3' });
    const fifty = requestOf(ABOUT, many.slice(0, 50), 'n').payload;
    expect(fifty.images).toHaveLength(50);
    const channel = 'p'.repeat(100);
    const { description } = requestOf({ ...ABOUT, channel, version: `1.2.3-${'x'.repeat(100)}` }, [], 'n');
    expect(description).toHaveLength(140);
  });
});

describe('a move of the channel', () => {
  it.each<[string, readonly TagMove[], boolean]>([
    ['is one of its tag', [aMove('latest', { from: NEW }), aMove('prod')], true],
    ['is one on one image of many', [aMove('prod', { from: NEW }), aMove('prod')], true],
    ['is not one of its aliases alone', [aMove('prod', { from: NEW }), aMove('latest')], false],
    ['is not one where all is there', [aMove('prod', { from: NEW })], false],
  ])('%s', (_, moves, expected) => {
    expect(isMove('prod', moves)).toBe(expected);
  });

  it.each<[readonly MovedTag['outcome'][], string]>([
    [['moved', 'created', 'unchanged'], 'success'],
    [['moved', 'restored'], 'failure'],
    [['restored', 'restored'], 'failure'],
    [['moved', 'waiting'], 'failure'],
    [[], 'failure'],
  ])('whose tags ended %j is a %s', (outcomes, expected) => {
    const other: MovedTag = { ...aMove('latest'), outcome: 'waiting' };
    const tags = outcomes.map((outcome) => ({ ...aMove('prod'), outcome }));
    expect(stateOf('prod', [...tags, other])).toBe(expected);
  });
});

it.each([
  ['c'.repeat(40), true],
  ['', false],
  ['main', false],
  [`${'c'.repeat(40)}\n`, false],
])('%j names a commit: %s', (revision, expected) => {
  expect(isCommit(revision)).toBe(expected);
});

it.each([
  ['production', 'https://github.com/acme/app/deployments/production'],
  ['Stable / EU?#', 'https://github.com/acme/app/deployments/Stable%20%2F%20EU%3F%23'],
  ['prod](x)', 'https://github.com/acme/app/deployments/prod%5D(x)'],
])('the page of %s is %s', (environment, expected) => {
  expect(pageOf('https://github.com/', 'acme/app', environment)).toBe(expected);
});
