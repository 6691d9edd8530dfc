import type { Fault } from './template.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const DAY_MS = 86_400_000;

/** Short forms that stand for a whole format, in English. */
const MACROS: Readonly<Record<string, string>> = {
  LTS: 'h:mm:ss A',
  LT: 'h:mm A',
  L: 'MM/DD/YYYY',
  LL: 'MMMM D, YYYY',
  LLL: 'MMMM D, YYYY h:mm A',
  LLLL: 'dddd, MMMM D, YYYY h:mm A',
};

const TOKEN =
  /\[([^\]]*)\]|LTS?|L{1,4}|[MDQdWw]o|DDDo|M{1,4}|D{1,4}|d{1,4}|YYYY|YY|Y|gggg|gg|GGGG|GG|W{1,2}|w{1,2}|Q|E|e|H{1,2}|h{1,2}|k{1,2}|m{1,2}|s{1,2}|S{1,9}|Z{1,2}|A|a|X|x/g;

/**
 * A date by its moment.js format in an IANA time zone, as docker/metadata-action renders `{{date}}`.
 * https://momentjs.com/docs/#/displaying/format/
 */
export function formatDate(date: Date, format: string, timeZone: string): string | Fault {
  const offset = zoneOffset(date, timeZone);
  if (offset === undefined) return { fault: `unknown time zone ${timeZone}; write one like Europe/Berlin` };
  // The wall clock of the zone, read with the UTC getters.
  const wall = new Date(date.getTime() + offset * 60_000);
  const expanded = format.replace(TOKEN, (token) => MACROS[token] ?? token);
  return expanded.replace(TOKEN, (token, literal: string | undefined) =>
    literal === undefined ? render(token, wall, date, offset) : literal,
  );
}

/** Minutes east of UTC; undefined when there is no such zone. */
function zoneOffset(date: Date, timeZone: string): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(date);
    const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
    const wall = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return Math.round((wall - Math.floor(date.getTime() / 1000) * 1000) / 60_000);
  } catch {
    return undefined;
  }
}

function render(token: string, wall: Date, date: Date, offset: number): string {
  if (token.endsWith('o')) return ordinal(Number(render(token.slice(0, -1), wall, date, offset)));
  const hour = wall.getUTCHours();
  switch (token[0]) {
    case 'Y':
      return token === 'YY' ? pad(wall.getUTCFullYear() % 100, 2) : pad(wall.getUTCFullYear(), token.length);
    case 'M':
      return named(token, wall.getUTCMonth() + 1, MONTHS[wall.getUTCMonth()]);
    case 'D':
      return token.length > 2
        ? pad(dayOfYear(wall), token.length === 4 ? 3 : 1)
        : pad(wall.getUTCDate(), token.length);
    case 'd':
      return weekday(token, wall.getUTCDay());
    case 'Q':
      return String(Math.floor(wall.getUTCMonth() / 3) + 1);
    case 'E':
      return String(wall.getUTCDay() || 7);
    case 'e':
      return String(wall.getUTCDay());
    case 'G':
    case 'W':
      return week(token, wall, 4);
    case 'g':
    case 'w':
      return week(token, wall, 6);
    case 'H':
      return pad(hour, token.length);
    case 'h':
      return pad(hour % 12 || 12, token.length);
    case 'k':
      return pad(hour || 24, token.length);
    case 'm':
      return pad(wall.getUTCMinutes(), token.length);
    case 's':
      return pad(wall.getUTCSeconds(), token.length);
    case 'S':
      return pad(wall.getUTCMilliseconds(), 3).padEnd(9, '0').slice(0, token.length);
    case 'A':
      return hour < 12 ? 'AM' : 'PM';
    case 'a':
      return hour < 12 ? 'am' : 'pm';
    case 'Z':
      return zone(offset, token === 'Z' ? ':' : '');
    case 'X':
      return String(Math.floor(date.getTime() / 1000));
    case 'x':
      return String(date.getTime());
    default:
      return token;
  }
}

function named(token: string, number: number, name = ''): string {
  if (token.length <= 2) return pad(number, token.length);
  return token.length === 3 ? name.slice(0, 3) : name;
}

function weekday(token: string, day: number): string {
  const name = DAYS[day] ?? '';
  if (token.length === 1) return String(day);
  return token.length === 4 ? name : name.slice(0, token.length);
}

/** A week belongs to the year of its `anchor` day: Thursday (4) by ISO 8601, Saturday (6) in the English calendar. */
function week(token: string, wall: Date, anchor: 4 | 6): string {
  const position = anchor === 4 ? wall.getUTCDay() || 7 : wall.getUTCDay();
  const day = new Date(wall.getTime() + (anchor - position) * DAY_MS);
  if (/^[Gg]/.test(token))
    return pad(token.length === 2 ? day.getUTCFullYear() % 100 : day.getUTCFullYear(), token.length);
  return pad(Math.floor((dayOfYear(day) - 1) / 7) + 1, token.length);
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - start) / DAY_MS) + 1;
}

function ordinal(number: number): string {
  const teens = number % 100 >= 11 && number % 100 <= 13;
  const suffix = teens ? undefined : ['th', 'st', 'nd', 'rd'][number % 10];
  return `${number}${suffix ?? 'th'}`;
}

function zone(offset: number, colon: string): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}${colon}${pad(minutes % 60, 2)}`;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0');
}
