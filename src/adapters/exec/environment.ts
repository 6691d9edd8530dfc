import type { Command } from '../../ports/exec.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Our own inputs (they may hold secrets), our state, and the right to ask for an identity token: no tool's business. */
const OURS = /^(?:INPUT_|STATE_|ACTIONS_ID_TOKEN_)/;

const MINIMAL =
  /^(?:PATH|HOME|TMPDIR|LANG|LC_[A-Z]+|(?:https?|no|all)_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|XDG_[A-Z_]+)$/i;

/** The environment of a tool: what `Command.environment` promises, and on top what the caller adds. */
export function composeEnvironment(
  own: Environment,
  kind: Command['environment'],
  added: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(own)) {
    if (value === undefined || OURS.test(name)) continue;
    if (kind === 'full' || MINIMAL.test(name)) environment[name] = value;
  }
  return { ...environment, ...added };
}

const MIB = 1024 ** 2;

/**
 * Our tools are written in Go, live for a moment, and spend a third of it on collecting garbage that their end would take
 * with it: it is collected only when it comes to an eighth of the memory. Who has set either of the two knows better.
 * https://go.dev/doc/gc-guide#Memory_limit
 */
export function briefGo(own: Environment, totalBytes: number): Readonly<Record<string, string>> {
  if (own.GOGC !== undefined || own.GOMEMLIMIT !== undefined) return {};
  return { GOGC: 'off', GOMEMLIMIT: `${Math.max(512, Math.floor(totalBytes / 8 / MIB))}MiB` };
}
