import { formatRepository, type Repository } from '../../model/reference.ts';
import type { Authenticator } from './auth.ts';
import { isEcr } from './explain.ts';
import { RegistryFailure } from './failure.ts';
import type { TokenAccess } from './schema.ts';
import type { Transport } from './transport.ts';
import { cancel, openSession } from './uploads.ts';

/**
 * Whether we may push, before minute one. A token service that does not grant what it was asked for answers with less and
 * no error, so a readable token is read; one that does not say yes is asked again by an upload session, opened and deleted
 * (`probe`): the registry's own words explain best. Without that, it is at least checked that the login is accepted.
 */
export async function checkPush(
  transport: Transport,
  auth: Authenticator,
  repository: Repository,
  probe: boolean,
): Promise<void> {
  const { registry, path } = repository;
  const place = { method: 'GET', target: formatRepository(repository), stage: 'registry' } as const;
  const { access } = await transport.retrying(() =>
    transport.attempt(place, () => auth.standing(registry, [`repository:${path}:pull,push`])),
  );
  const grant = access === undefined ? 'unknown' : readGrant(access, repository);
  if (grant === 'push') return;
  if (probe) {
    const session = await transport.retrying(() => openSession(transport, repository));
    await cancel(transport, repository, session);
    return;
  }
  if (grant === 'less') {
    const reason = 'the token that was granted does not allow to push';
    throw new RegistryFailure({
      ...place,
      stage: 'token',
      reason,
      transient: false,
      insufficientScope: true,
    });
  }
  const read = { repository, access: 'push', method: 'GET' } as const;
  await transport.call({ ...read, to: transport.root(registry), expect: [200, 404] });
  // Reading an empty list of tags tells whether the repository exists, where that is the user's own business.
  if (isEcr(registry)) await transport.call({ ...read, to: 'tags/list', expect: [200] });
}

/** `unknown`: the token speaks of other names only, as behind a proxy that has its own for a repository. */
function readGrant(access: TokenAccess, { path }: Repository): 'push' | 'less' | 'unknown' {
  const own = access.filter(({ type, name }) => type === 'repository' && name === path);
  const allowed = own.flatMap(({ actions }) => actions);
  if (allowed.includes('push') || allowed.includes('*')) return 'push';
  return own.length > 0 || access.length === 0 ? 'less' : 'unknown';
}
