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
