import { type Requirement, readRequirement } from './requirement.ts';
import { allows } from './specifier.ts';
import { REQUIREMENTS } from './structure.ts';
import { error, type Rule } from './subject.ts';
import { linesOf, strip } from './values.ts';

export const LOCK = 'backend/requirements.lock.txt';

/** Generation 6: a lock that is there has to hold what requirements.txt asks for, exactly pinned. */
export const lockDrift: Rule = ({ text }) => {
  const [authored, locked] = [text(REQUIREMENTS), text(LOCK)];
  if (authored === undefined || locked === undefined) return [];
  const fault = 'fault' in authored ? authored.fault : 'fault' in locked ? locked.fault : undefined;
  if (fault !== undefined || 'fault' in authored || 'fault' in locked)
    return [
      error('structure.requirements_lock_read_error', `/${LOCK}`, {
        message: `The lock cannot be compared with ${REQUIREMENTS}: ${fault ?? ''}`,
      }),
    ];
  const drift = driftOf(readAll(authored.text), readAll(locked.text));
  if (drift.length === 0) return [];
  return [
    error('structure.requirements_lock_drift', `/${LOCK}`, {
      message: `${LOCK} does not fit ${REQUIREMENTS}: ${drift.join('; ')}`,
      suggestion: 'Make the lock anew (hla-compass lock).',
    }),
  ];
};

type Read = { readonly requirements: readonly Requirement[]; readonly faults: readonly string[] };

/** Hashes and comments aside, every line is one requirement. */
function readAll(text: string): Read {
  const requirements: Requirement[] = [];
  const faults: string[] = [];
  for (const raw of linesOf(text).map(strip)) {
    if (raw === '' || raw.startsWith('#') || raw.startsWith('--hash')) continue;
    const line = raw.endsWith('\\') ? strip(raw.slice(0, -1)) : raw;
    const requirement = line.startsWith('-') ? undefined : readRequirement(line);
    if (requirement === undefined) faults.push(`this line is no requirement: ${line}`);
    else requirements.push(requirement);
  }
  return { requirements, faults };
}

function driftOf(authored: Read, locked: Read): readonly string[] {
  const missing = authored.requirements.flatMap((requirement) => {
    const fault = faultOf(requirement, locked.requirements);
    return fault === undefined ? [] : [`${requirement.name} ${fault}`];
  });
  return [...authored.faults, ...locked.faults, ...missing];
}

function faultOf(wanted: Requirement, locked: readonly Requirement[]): string | undefined {
  const matching = locked.filter(({ key }) => key === wanted.key);
  if (matching.length === 0) return 'is missing';
  if (wanted.url !== undefined)
    return matching.some(({ url }) => url === wanted.url) ? undefined : `is not locked at ${wanted.url}`;
  const versions = matching.flatMap(({ url, specifiers }) =>
    url === undefined ? specifiers.flatMap(pinOf) : [],
  );
  if (versions.length === 0) return 'is not pinned exactly';
  const fits = versions.some((version) => wanted.specifiers.every((specifier) => allows(specifier, version)));
  return fits ? undefined : `is locked at ${versions.join(', ')}`;
}

function pinOf({ operator, version }: Requirement['specifiers'][number]): readonly string[] {
  return (operator === '==' || operator === '===') && !version.includes('*') ? [version] : [];
}
