import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../src/model/digest.ts';
import { STEPS } from '../../../src/model/plan.ts';
import type { Release } from '../../../src/model/release.ts';
import { outputsOf } from '../../../src/report/outputs.ts';
import { planText } from '../../../src/report/plan-text.ts';
import { recordOf } from '../../../src/report/record.ts';
import { summaryOf } from '../../../src/report/summary.ts';
import {
  AMD64,
  ARM64,
  aBuiltImage,
  anInspection,
  aPlan,
  aPlannedImage,
  aRelease,
  aTaggedImage,
} from '../../helpers/a-release.ts';

const IMAGES = [aPlannedImage('base'), aPlannedImage('app', { parents: ['base'], platforms: [] })];
const SHARDS = [
  { name: 'base-linux-amd64', images: ['base'], platforms: [AMD64], labels: ['ubuntu-latest'] },
  { name: 'app', images: ['base', 'app'], platforms: [], labels: ['self-hosted', 'a|b'] },
];
const PLAN = aPlan({ command: 'plan', images: IMAGES, shards: SHARDS });

function matrix(release: Release) {
  return JSON.parse(outputsOf(release).matrix);
}

describe('the jobs of a plan', () => {
  const planned = aRelease({ status: 'planned', plan: PLAN, images: [], inspections: [] });

  it('are a matrix of GitHub: a runner of one label is a text', () => {
    expect(matrix(planned)).toEqual({
      include: [
        { shard: 'base-linux-amd64', runner: 'ubuntu-latest', images: 'base', platforms: 'linux/amd64' },
        {
          shard: 'app',
          runner: ['self-hosted', 'a|b'],
          images: 'base, app',
          platforms: 'linux/amd64, linux/arm64',
        },
      ],
    });
  });

  it('are none where there is no plan, or where the job is one of them', () => {
    const { plan: _, ...nothing } = planned;
    expect(matrix(nothing)).toEqual({ include: [] });
    expect(matrix({ ...planned, plan: { ...PLAN, shard: 'app' } })).toEqual({ include: [] });
  });

  it('are told in log, summary and record', () => {
    expect(planText(PLAN)).toEqual(
      expect.arrayContaining([
        'Job base-linux-amd64 on ubuntu-latest: base for linux/amd64.',
        'Job app on self-hosted + a|b: base, app for linux/amd64, linux/arm64.',
      ]),
    );
    const summary = summaryOf(planned);
    expect(summary).toContain('### Jobs\n');
    expect(summary).toContain('| `base-linux-amd64` | `ubuntu-latest` | base | linux/amd64 |');
    expect(summary).toContain('| `app` | <code>self-hosted &#43; a&#124;b</code> | base, app |');
    expect(recordOf(planned)).toMatchObject({
      plan: { shards: [{ name: 'base-linux-amd64', platforms: ['linux/amd64'] }, { name: 'app' }] },
      handoff: null,
    });
  });

  it('are no news where there is one', () => {
    const plan = { ...PLAN, shards: SHARDS.slice(1) };
    expect(planText(plan).join('\n')).not.toContain('Job ');
    expect(summaryOf({ ...planned, plan })).not.toContain('### Jobs');
    expect(matrix({ ...planned, plan }).include).toHaveLength(1);
  });
});

describe('what a shard has made', () => {
  const part = aPlannedImage('base', { platforms: [ARM64], partial: true });
  const whole = aPlannedImage('app', { platforms: [ARM64], parents: ['base'] });
  const plan = aPlan({
    command: 'build',
    images: [part, whole],
    shards: SHARDS,
    shard: 'base-linux-arm64',
    steps: STEPS.map((id) => ({ id, do: 'run', reason: 'it is a shard' })),
  });
  const built = [part, whole].map((planned) => aBuiltImage(planned));
  const release = aRelease({
    command: 'build',
    status: 'built',
    plan,
    inspections: built.map((image) => anInspection(image)),
    images: built.map((image) => aTaggedImage(image, { tags: [] })),
    handoff: { folder: '/runner/temp/handoff', artifact: 'handoff-base-linux-arm64' },
  });
  const outputs = outputsOf(release);

  it('has digests of its platforms, and of an image that is whole', () => {
    const [base, app] = JSON.parse(outputs.images);
    expect(base).toMatchObject({
      name: 'base',
      digest: null,
      ref: null,
      tags: [],
      platforms: [{ platform: 'linux/arm64', digest: digestOf('base arm64') }],
    });
    expect(app).toMatchObject({ digest: digestOf('app'), ref: `ghcr.io/acme/app@${digestOf('app')}` });
    expect(Object.keys(JSON.parse(outputs.digests))).toEqual(['app']);
    expect(outputs).toMatchObject({
      status: 'built',
      pushed: 'true',
      handoff: '/runner/temp/handoff',
      digest: '',
      'image-ref': '',
      image: '',
      tags: '',
      channel: '',
      matrix: '{"include":[]}',
    });
  });

  it('is shown with its shard, what was handed over, and no tags', () => {
    const summary = summaryOf(release);
    expect(summary).toMatch(
      /^## 📦 module-release 1\.2\.3 \(shard base-linux-arm64\): built\n\n2 images passed the gate and are handed over to the release, by digest\. No tag was touched\./,
    );
    expect(summary).toContain(
      'The handoff of the shard `base-linux-arm64` is the folder `/runner/temp/handoff`, and the artifact `handoff-base-linux-arm64` of this run.',
    );
    const short = digestOf('base arm64').slice(0, 'sha256:'.length + 12);
    expect(summary).toContain(`| **base** (built) | linux/arm64 | \`${short}\` |`);
    const two = aPlannedImage('base', { partial: true });
    const image = aTaggedImage(aBuiltImage(two), { tags: [] });
    const more = summaryOf({ ...release, plan: { ...plan, images: [two] }, images: [image] });
    expect(more).toContain('| **base** (built) | a part | – |');
    expect(more).toContain(`|  | linux/arm64 | \`${short}\` |`);
    expect(summary).toContain(`docker pull ghcr.io/acme/base@${digestOf('base arm64')}\n`);
    expect(summary).toContain(`docker pull ghcr.io/acme/app@${digestOf('app')}\n`);
    expect(summary).not.toContain('1.2.3`');
    expect(summary).not.toContain('| Tags |');
  });

  it('has left with its bytes where nothing may be pushed yet', () => {
    const kept = { ...release, images: [], handoff: { folder: '/runner/temp/handoff' } };
    expect(summaryOf(kept)).toContain('with all bytes: nothing has left for a registry. No tag');
    expect(outputsOf(kept)).toMatchObject({
      pushed: 'false',
      digests: '{}',
      handoff: '/runner/temp/handoff',
    });
  });

  it('is announced without tags and channels', () => {
    expect(planText(plan).slice(0, 6)).toEqual([
      'This push event is version 1.2.3 of 2 images. This job makes its shard base-linux-arm64.',
      expect.stringContaining('The commit is'),
      'Image base: built from target base; platforms: linux/arm64 (other jobs make the rest).',
      '  ghcr.io/acme/base (by digest, without a tag)',
      'Image app: built from target app, on top of base; platforms: linux/arm64.',
      '  ghcr.io/acme/app (by digest, without a tag)',
    ]);
  });

  it('is in the record', () => {
    expect(recordOf(release)).toMatchObject({
      command: 'build',
      status: 'built',
      handoff: { folder: '/runner/temp/handoff', artifact: 'handoff-base-linux-arm64' },
      plan: { shard: 'base-linux-arm64', images: [{ partial: true }, { partial: false }] },
      images: [
        { digest: null, subjects: [], platforms: [{ digest: digestOf('base arm64') }] },
        { digest: digestOf('app'), subjects: [`ghcr.io/acme/app@${digestOf('app')}`] },
      ],
    });
  });

  it('failed is told of the build', () => {
    const failed = { ...release, status: 'failed' as const, images: [] };
    expect(summaryOf(failed)).toContain('The build failed with');
  });
});
