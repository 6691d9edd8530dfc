import type { SignedEntity } from '@sigstore/verify';

type Stamp = Extract<SignedEntity['timestamps'][number], { $case: 'timestamp-authority' }>['timestamp'];

/**
 * Lets the library read the times of timestamp authorities that tell fractions of a second. RFC 3161 wants trailing zeros
 * left out (`…12.34Z`), and @sigstore/core 4.0 reads three digits or none: it would refuse one timestamp in ten. Only the
 * reading is ours; the bytes that the authority signed are checked by the library all the same.
 * https://www.rfc-editor.org/rfc/rfc3161#section-2.4.2
 */
export function readTimes({ timestamps }: SignedEntity): void {
  for (const each of timestamps) {
    if (each.$case !== 'timestamp-authority') continue;
    const time = timeOf(each.timestamp);
    if (time !== undefined) Object.defineProperty(each.timestamp, 'signingTime', { value: time });
  }
}

const GENERALIZED_TIME = 0x18;
const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{0,8}[1-9])Z$/;

/** Undefined where there is no fraction, and where it is none of DER. */
function timeOf({ tstInfo }: Stamp): Date | undefined {
  const field = tstInfo.root.subs[4];
  if (field?.tag.number !== GENERALIZED_TIME) return undefined;
  const [, year, month, day, hour, minute, second, fraction] =
    TIME.exec(field.value.toString('latin1')) ?? [];
  if (fraction === undefined) return undefined;
  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
