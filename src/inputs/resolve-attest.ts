import { resolve } from 'node:path';
import type { AttestInputs } from '../model/inputs.ts';
import type { Door } from './door.ts';
import { FIELDS } from './fields.ts';
import { show } from './text.ts';

/** `folder` is the working directory: relative paths start there. The files are read later, by whoever needs them. */
export function resolveAttest(door: Door, folder: string): AttestInputs {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  const mode = door.read(FIELDS.attest) ?? 'auto';
  const instance = door.read(FIELDS.sigstore) ?? 'auto';
  const signingConfig = absolute(door.read(FIELDS['sigstore-signing-config']));
  const trustedRoot = absolute(door.read(FIELDS['sigstore-trusted-root']));
  const key = door.read(FIELDS['cosign-key']);
  const password = door.read(FIELDS['cosign-password']);
  const stores = door.read(FIELDS['attest-store']);
  const record = absolute(door.read(FIELDS.record));
  return {
    mode,
    instance,
    ...(signingConfig === undefined ? {} : { signingConfig }),
    ...(trustedRoot === undefined ? {} : { trustedRoot }),
    ...(key === undefined ? {} : { key: { pem: key, password: password ?? '' } }),
    ...(record === undefined ? {} : { record }),
    ...(stores === undefined || stores.length === 0 ? {} : { stores: [...new Set(stores)] }),
  };
}

/** The commands that sign; the others read evidence at most. */
const SIGNING = ['', 'release', 'plan', 'build', 'attest', 'promote'];

/** Inputs of attesting that contradict each other, or lack each other. Looks only at what is given. */
export function checkAttest(door: Door): void {
  const textOf = (name: Parameters<Door['given']>[0]) => String(door.written.get(name)?.value ?? '');
  const instance = textOf('sigstore');
  const signs = SIGNING.includes(textOf('command')) && !/^false$/i.test(textOf('attest'));
  const byKey = door.given('cosign-key');
  if (signs && /BEGIN PUBLIC KEY/.test(textOf('cosign-key')))
    door.refuse('cosign-key', 'the value (not shown) is a public key, which cannot sign');
  if (door.given('cosign-password') && !byKey)
    door.refuse('cosign-password', 'it has no meaning without `cosign-key`');
  if (door.given('sigstore-signing-config') && instance !== 'private')
    door.refuse(
      'sigstore-signing-config',
      `${show(door.written.get('sigstore-signing-config')?.value)} has no meaning without \`sigstore: private\``,
    );
  if (instance === 'private') {
    const missing = [
      ...(signs && !door.given('sigstore-signing-config') ? ['`sigstore-signing-config`'] : []),
      ...(!byKey && !door.given('sigstore-trusted-root') ? ['`sigstore-trusted-root`'] : []),
    ];
    if (missing.length > 0) door.refuse('sigstore', `"private" needs ${missing.join(' and ')}`);
  }
  if (instance === 'github' && byKey)
    door.refuse('sigstore', '"github" cannot stand beside `cosign-key`: it has no log for signatures by key');
  if (/^true$/i.test(textOf('offline')) && signs) checkOffline(door, textOf('attest'), byKey);
}

function checkOffline(door: Door, attest: string, byKey: boolean): void {
  if (!byKey && /^true$/i.test(attest))
    door.refuse('attest', '"true" cannot be used with `offline`, unless there is a `cosign-key`');
  if (byKey && door.given('sigstore'))
    door.refuse('sigstore', `${show(door.written.get('sigstore')?.value)} cannot be used with \`offline\``);
}
