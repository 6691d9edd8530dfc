import { describe, expect, it } from '@jest/globals';
import { diskProblem, estimateDisk } from '../../../../src/steps/build/disk.ts';

const GIB = 1024 ** 3;
const image = { platforms: 1, parents: 0 };

describe('the space for the staging store', () => {
  it('is never taken as less than one GiB', () => {
    expect(estimateDisk({ images: [], known: 0 })).toBe(GIB);
    expect(estimateDisk({ images: [{ platforms: 0, parents: 0 }], known: 0 })).toBe(GIB);
  });

  it('grows with images and platforms, less for children, twice for what is known', () => {
    const four = Array.from({ length: 4 }, () => image);
    const base = estimateDisk({ images: four, known: 0 });
    expect(base).toBeGreaterThan(GIB);
    expect(estimateDisk({ images: four.map((each) => ({ ...each, platforms: 2 })), known: 0 })).toBe(
      2 * base,
    );
    expect(estimateDisk({ images: four.map((each) => ({ ...each, parents: 1 })), known: 0 })).toBeLessThan(
      base,
    );
    expect(estimateDisk({ images: four, known: GIB })).toBe(base + 2 * GIB);
  });

  it('is a problem with both numbers when it is not there', () => {
    expect(diskProblem('/tmp', 2 * GIB, 2 * GIB)).toBeUndefined();
    expect(diskProblem('/tmp', 2 * GIB - 1, 3.5 * GIB)).toMatchObject({
      code: 'DISK_LOW',
      message: '/tmp has 2.0 GiB free, and this release wants about 3.5 GiB for its staging store',
    });
  });
});
