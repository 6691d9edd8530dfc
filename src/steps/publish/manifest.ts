import { ReleaseError } from '../../model/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';

/** More than any module has; deeper ones are somebody's joke on the stack. */
const DEEPEST = 100;

/** What a signature adds to a manifest, in either spelling; it cannot sign itself. */
export const SIGNATURE_KEYS: readonly string[] = [
  'signature',
  'publicKey',
  'public_key',
  'signatureAlgorithm',
  'signature_algorithm',
  'hashAlgorithm',
  'hash_algorithm',
  'keyFingerprint',
  'key_fingerprint',
];

/**
 * manifest.json as it is sent, without signature: the platform's own name for Docker, and no left-over of an earlier
 * signature. Throws MANIFEST_INVALID for what JavaScript cannot hold exactly, and for keys that the verifiers of the
 * platform's generations do not agree about. `path` is for messages.
 */
export function publishManifest(text: string, path: string): JsonObject {
  const value = toJson(parse(text, path), path, 0);
  if (!isJsonObject(value)) throw refusal(path, 'it is not a JSON object');
  if ('integrity' in value) throw refusal(path, 'the key /integrity is reserved by the platform');
  for (const [key, member] of Object.entries(value)) refuseNested(member, path, `/${key}`);
  const own = Object.entries(value).filter(([key]) => !SIGNATURE_KEYS.includes(key));
  return Object.fromEntries(own.map(([key, member]) => [key, normalized(key, member)]));
}

function normalized(key: string, member: Json): Json {
  return key === 'computeType' && member === 'docker' ? 'fargate' : member;
}

/** The third argument is the text of a number. https://tc39.es/proposal-json-parse-with-source/ */
function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown, context?: { readonly source?: string }) => {
      if (typeof value === 'number') checkNumber(value, context?.source ?? '', key, path);
      return value;
    });
  } catch (error) {
    if (error instanceof ReleaseError) throw error;
    throw new ReleaseError('MANIFEST_INVALID', `${path} is not JSON`, { cause: error });
  }
}

/** The platform reads whole numbers exactly, JavaScript only up to 2^53: the signed bytes would not be the sent ones. */
function checkNumber(value: number, source: string, key: string, path: string): void {
  const isWhole = /^-?\d+$/.test(source);
  if (Number.isFinite(value) && (!isWhole || Number.isSafeInteger(value))) return;
  const where = key === '' ? '' : ` of "${key}"`;
  throw refusal(
    path,
    `the number ${source.slice(0, 60)}${where} cannot be signed exactly`,
    'Write it as text.',
  );
}

function toJson(value: unknown, path: string, depth: number): Json {
  if (depth > DEEPEST) throw refusal(path, `it is nested deeper than ${DEEPEST} levels`);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) return value.map((each: unknown) => toJson(each, path, depth + 1));
  return Object.fromEntries(
    Object.entries(Object(value)).map(([key, each]) => [key, toJson(each, path, depth + 1)]),
  );
}

function refuseNested(value: Json, path: string, pointer: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    const at = `${pointer}/${key}`;
    if (!Array.isArray(value) && SIGNATURE_KEYS.includes(key))
      throw refusal(path, `the key ${at} has a name that belongs to the signature`, 'Rename the key.');
    refuseNested(member, path, at);
  }
}

function refusal(path: string, why: string, hint?: string): ReleaseError {
  const message = `${path} cannot be published: ${why}`;
  return new ReleaseError('MANIFEST_INVALID', message, hint === undefined ? {} : { hint });
}
