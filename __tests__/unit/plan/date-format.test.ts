import { describe, expect, it } from '@jest/globals';
import { formatDate } from '../../../src/plan/date-format.ts';

/** A Friday. */
const DATE = new Date('2020-01-10T15:25:50.042Z');

describe('dates by their moment format', () => {
  it.each([
    ['YYYYMMDD', '20200110'],
    ['YYYYMMDD-HHmmss', '20200110-152550'],
    ['dddd, MMMM Do YYYY, h:mm:ss a', 'Friday, January 10th 2020, 3:25:50 pm'],
    ['YYYY-MM-DDTHH:mm:ss.SSS[Z]', '2020-01-10T15:25:50.042Z'],
    ['YY Y M MM MMM Mo', '20 2020 1 01 Jan 1st'],
    ['D DD DDD DDDD DDDo', '10 10 10 010 10th'],
    ['d do dd ddd e E', '5 5th Fr Fri 5 5'],
    ['Q Qo', '1 1st'],
    ['W WW GGGG GG Wo', '2 02 2020 20 2nd'],
    ['w ww gggg gg', '2 02 2020 20'],
    ['H HH h hh k kk m s A', '15 15 3 03 15 15 25 50 PM'],
    ['S SS SSS SSSS', '0 04 042 0420'],
    ['Z ZZ', '+00:00 +0000'],
    ['X x', '1578669950 1578669950042'],
    ['L LT', '01/10/2020 3:25 PM'],
    ['[build] YYYY [of YYYY]', 'build 2020 of YYYY'],
    ['', ''],
  ])('%s is %s', (format, text) => {
    expect(formatDate(DATE, format, 'UTC')).toBe(text);
  });

  it.each([
    ['Asia/Tokyo', '20200111-002550 +09:00'],
    ['America/New_York', '20200110-102550 -05:00'],
    ['Asia/Kolkata', '20200110-205550 +05:30'],
    ['Europe/Berlin', '20200110-162550 +01:00'],
  ])('in %s it is %s', (zone, text) => {
    expect(formatDate(DATE, 'YYYYMMDD-HHmmss Z', zone)).toBe(text);
  });

  it('follows summer time', () => {
    expect(formatDate(new Date('2020-07-10T00:00:00Z'), 'HH Z', 'Europe/Berlin')).toBe('02 +02:00');
  });

  it.each([
    ['2020-12-31T12:00:00Z', '2020-W53', '2021-w1'],
    ['2021-01-03T12:00:00Z', '2020-W53', '2021-w2'],
    ['2021-01-04T12:00:00Z', '2021-W1', '2021-w2'],
    ['2024-12-30T12:00:00Z', '2025-W1', '2025-w1'],
  ])('counts the weeks of %s by ISO (%s) and in English (%s)', (date, iso, english) => {
    expect(formatDate(new Date(date), 'GGGG-[W]W', 'UTC')).toBe(iso);
    expect(formatDate(new Date(date), 'gggg-[w]w', 'UTC')).toBe(english);
  });

  it.each([
    ['2020-01-01T00:00:00Z', 'Do h k A', '1st 12 24 AM'],
    ['2020-01-22T12:00:00Z', 'Do h', '22nd 12'],
    ['2020-01-13T23:59:59Z', 'Do', '13th'],
    ['2020-12-31T00:00:00Z', 'DDD E', '366 4'],
    ['2020-01-05T00:00:00Z', 'd E', '0 7'],
  ])('%s as %s is %s', (date, format, text) => {
    expect(formatDate(new Date(date), format, 'UTC')).toBe(text);
  });

  it('names an unknown time zone', () => {
    expect(formatDate(DATE, 'YYYY', 'Mars/Base')).toEqual({ fault: expect.stringContaining('Mars/Base') });
  });
});
