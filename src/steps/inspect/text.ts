const LONGEST = 500;

/** Text from images and advisories, fit for one line of a log or a table: no control or invisible characters, bounded. */
export function cleanText(text: string): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
}

/** The address when it is one of the web; undefined otherwise. */
export function webAddress(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}
