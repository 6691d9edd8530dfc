import * as z from 'zod/mini';
import type { Problem } from '../model/errors.ts';
import type { Credential, Inputs } from '../model/inputs.ts';
import type { Door } from './door.ts';
import { FIELDS } from './fields.ts';
import { memberAt, problemAt, type Written } from './read.ts';
import { escapeUnseen, nearest } from './text.ts';
import { anyText, registryHost, username } from './values.ts';
import type { ReadYaml } from './yaml.ts';

export type CredentialContext = {
  /** Never empty. */
  readonly registries: readonly string[];
  readonly actor: string;
  readonly githubToken?: string;
  readonly readYaml?: ReadYaml;
};

/**
 * Credentials by registry: `registry-auth` names its registries, `username`/`password` are for the first one, and the
 * token of the job opens ghcr.io when nothing else does. Empty passwords are warned of and left out: pull requests
 * from forks have no secrets, and must be gated all the same.
 */
export function readCredentials(door: Door, about: CredentialContext): Credential[] {
  const listed = readRegistryAuth(door, about.readYaml);
  const [first = 'ghcr.io'] = about.registries;
  const user = door.read(FIELDS.username) ?? about.actor;
  const password = door.read(FIELDS.password);
  if (password !== undefined && listed.some((credential) => credential.registry === first)) {
    door.refuse('password', `\`registry-auth\` has a password for ${first} too`);
  }
  if (password !== undefined && user === '') door.refuse('password', 'it needs a `username`');
  if (door.given('username') && !door.given('password') && first !== 'ghcr.io') {
    door.warn(`Input \`username\` has no effect without a \`password\` for ${first}.`);
  }
  const own = password === undefined ? [] : [{ registry: first, username: user, password }];
  const credentials = [...own, ...listed];
  const open = credentials.some((credential) => credential.registry === 'ghcr.io');
  const token = about.githubToken;
  if (token === undefined || open || !about.registries.includes('ghcr.io')) return credentials;
  // ghcr.io takes any user name beside a token of GitHub.
  const tokenUser = (first === 'ghcr.io' ? user : about.actor) || 'token';
  return [...credentials, { registry: 'ghcr.io', username: tokenUser, password: token }];
}

const KEYS = ['registry', 'username', 'password'] as const;

function credentialList() {
  const entry = z.strictObject(
    { registry: registryHost(), username: username(), password: anyText() },
    'a map of registry, username and password',
  );
  return z.array(entry, 'a YAML list of {registry, username, password}');
}

function readRegistryAuth(door: Door, readYaml: ReadYaml | undefined): Credential[] {
  const written = door.written.get('registry-auth');
  if (written === undefined || readYaml === undefined) return [];
  const parsed = readYaml(String(written.value));
  if (!parsed.ok) {
    // The parser's message may quote the text, so it stays here.
    const line = parsed.line === undefined ? '' : ` (line ${parsed.line})`;
    door.refuseAt(written, `the value (not shown) is no YAML${line}`);
    return [];
  }
  const value = withPassword(parsed.value, door);
  const result = credentialList().safeParse(value);
  if (!result.success) {
    door.problems.push(
      ...result.error.issues.slice(0, 10).map((issue) => authProblem(written, value, issue)),
    );
    return [];
  }
  const hosts = result.data.map((credential) => credential.registry);
  const twice = new Set(hosts.filter((host, index) => hosts.indexOf(host) !== index));
  for (const host of twice) door.refuseAt(written, `"${host}" is named more than once`);
  return result.data;
}

function withPassword(value: unknown, door: Door): unknown {
  if (!Array.isArray(value)) return value;
  const full = value.filter((entry: unknown) => {
    const empty =
      typeof entry === 'object' && entry !== null && 'password' in entry && isEmpty(entry.password);
    return !empty;
  });
  const left = value.length - full.length;
  if (left > 0)
    door.warn(
      `Input \`registry-auth\`: ${left} of ${value.length} entries have an empty password and are left out.`,
    );
  return full;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '';
}

function authProblem(written: Written, value: unknown, issue: z.core.$ZodIssue): Problem {
  const [entry, key] = issue.path;
  const place = typeof entry === 'number' ? `entry ${entry + 1}` : 'the value (not shown)';
  if (issue.code === 'unrecognized_keys') {
    const strange = issue.keys[0] ?? '';
    const near = nearest(strange, KEYS);
    const hint = near === undefined ? `Known keys: ${KEYS.join(', ')}.` : `Did you mean \`${near}\`?`;
    return problemAt(written, `${place} has the unknown key \`${escapeUnseen(strange).slice(0, 80)}\``, hint);
  }
  if (key !== undefined && memberAt(value, issue.path) === undefined)
    return problemAt(written, `${place} has no \`${String(key)}\``);
  const what = key === undefined ? place : `${place}, \`${String(key)}\` (not shown)`;
  return problemAt(written, `${what} is not ${issue.message}`);
}

/** Everything that must appear nowhere, `user:password` pairs included (basic auth sends their base64). */
export function secretsOf(inputs: Inputs): readonly string[] {
  const { attest, githubToken, login, build, publish } = inputs;
  return [
    ...(githubToken === undefined ? [] : [githubToken]),
    ...login.credentials.flatMap((c) => [c.password, `${c.username}:${c.password}`]),
    ...Object.values(build.secrets),
    ...(attest.key === undefined ? [] : [attest.key.pem, attest.key.password].filter(Boolean)),
    // An API key is written with a word before it, and sent without.
    ...[publish.key, publish.token, publish.token?.replace(/^api-key:/, '')].filter(
      (each) => each !== undefined,
    ),
  ];
}
