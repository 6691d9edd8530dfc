import { describe, expect, it } from '@jest/globals';
import { pauseAfter, redirectTarget } from '../../../../src/adapters/download/policy.ts';

describe('redirectTarget', () => {
  it.each([
    ['https://a.example.com/x', 'https://b.example.com/y', 'https://b.example.com/y'],
    ['https://a.example.com/x/z', '../y', 'https://a.example.com/y'],
    ['https://a.example.com/x', 'http://b.example.com/y', undefined],
    ['https://a.example.com/x', 'http://a.example.com/y', undefined],
    ['http://a.example.com/x', 'http://b.example.com/y', 'http://b.example.com/y'],
    ['http://a.example.com/x', 'https://u:p@b.example.com/y', 'https://b.example.com/y'],
    ['https://a.example.com/x', 'data:text/plain,hello', undefined],
    ['https://a.example.com/x', undefined, undefined],
    ['https://a.example.com/x', 'https://[', undefined],
  ])('from %s to %s', (from, location, expected) => {
    expect(redirectTarget(location, new URL(from))?.href).toBe(expected);
  });
});

describe('pauseAfter', () => {
  it.each([
    [1, undefined, 0, 250],
    [1, undefined, 1, 500],
    [3, undefined, 1, 2000],
    [1, '5', 0, 5000],
    [1, '0', 1, 500],
    [1, '61', 0, undefined],
    [1, 'Wed, 21 Oct 2026 07:28:00 GMT', 1, 500],
    [4, undefined, 0, undefined],
  ])('attempt %i, Retry-After %s, random %d: %s ms', (attempt, retryAfter, random, expected) => {
    expect(pauseAfter(attempt, retryAfter, random)).toBe(expected);
  });
});
