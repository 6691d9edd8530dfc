import { type ErrorCode, ReleaseError } from '../../model/errors.ts';
import { formatRepository, type Repository } from '../../model/reference.ts';
import type { Login } from './credentials.ts';
import type { RegistryFailure } from './failure.ts';
import { errorCode, isCertificateTrouble } from './transport.ts';

/** What is known about a failed request beyond the failure. */
export type Circumstances = { readonly repository: Repository; readonly login: Login | undefined };

/** The ReleaseError for a failed request: which code, and what to do at this very registry. */
export function explain(failure: RegistryFailure, about: Circumstances): ReleaseError {
  const code = codeOf(failure, about);
  const hint = hintOf(code, failure, about);
  return new ReleaseError(code, failure.message, {
    cause: failure.cause ?? failure,
    ...(hint === undefined ? {} : { hint }),
  });
}

function codeOf(failure: RegistryFailure, { login }: Circumstances): ErrorCode {
  const { status } = failure;
  if (failure.says('DIGEST_INVALID')) return 'DIGEST_MISMATCH';
  // Registries with their own immutable tags (Amazon ECR, Harbor, Docker Hub) refuse the write in their own words.
  if (failure.method === 'PUT' && /immutab/i.test(failure.message)) return 'TAG_IMMUTABLE';
  if (failure.insufficientScope) return login === undefined ? 'REGISTRY_LOGIN' : 'REGISTRY_FORBIDDEN';
  if (status === 401) return 'REGISTRY_LOGIN';
  if (status === 403) return 'REGISTRY_FORBIDDEN';
  if (status === 404 && failure.method !== 'PUT') return 'REGISTRY_NOT_FOUND';
  if (failure.says('NAME_UNKNOWN')) return 'REGISTRY_NOT_FOUND';
  return 'REGISTRY_UNAVAILABLE';
}

function hintOf(code: ErrorCode, failure: RegistryFailure, about: Circumstances): string | undefined {
  switch (code) {
    case 'REGISTRY_LOGIN':
      return loginHint(about);
    case 'REGISTRY_FORBIDDEN':
      return forbiddenHint(about);
    case 'REGISTRY_NOT_FOUND':
      return notFoundHint(failure, about);
    case 'REGISTRY_UNAVAILABLE':
      return unavailableHint(failure, about);
    default:
      return undefined;
  }
}

function loginHint({ repository: { registry }, login }: Circumstances): string {
  if (login === undefined)
    return `No credentials were found for ${registry}: set \`username\` and \`password\`, or \`registry-auth\`, or log in before this step.`;
  const name = login.kind === 'basic' ? ` (user ${login.username})` : '';
  return `The credentials${name} came from ${login.from}: check that they are for ${registry} and have not expired.`;
}

/** https://docs.github.com/packages/learn-github-packages/configuring-a-packages-access-control-and-visibility */
function forbiddenHint({ repository, login }: Circumstances): string {
  const { registry, path } = repository;
  const [owner = '', ...rest] = path.split('/');
  if (registry === 'ghcr.io') {
    const name = encodeURIComponent(rest.join('/'));
    const settings = `packages/container/${name}/settings`;
    return (
      'Add `permissions: packages: write` to the job. If the package exists already, grant this repository the role Write ' +
      `under "Manage Actions access" at https://github.com/orgs/${owner}/${settings} (of a user account: ` +
      `https://github.com/users/${owner}/${settings}), or push with a token of your own that has \`write:packages\`, as ` +
      '`password`. Runs of forked repositories never get this right.'
    );
  }
  if (registry === 'docker.io')
    return `Use an access token with the permissions Read & Write, of a user who may push to ${path}.`;
  if (isQuay(registry))
    return `Give the robot account the permission Write on ${path} (Repository Settings, User and Robot Permissions); to create a repository it needs the team role Creator.`;
  if (isEcr(registry))
    return 'The role needs ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload, ecr:PutImage and ecr:BatchGetImage on this repository.';
  const who =
    login === undefined ? 'anonymous access' : login.kind === 'basic' ? `user ${login.username}` : 'token';
  return `Grant the ${who} the right to push to ${formatRepository(repository)}.`;
}

function notFoundHint(
  failure: RegistryFailure,
  { repository: { registry, path } }: Circumstances,
): string | undefined {
  if (failure.says('BLOB_UNKNOWN'))
    return 'The registry lists this image and no longer has all of its bytes: build it again under a new version.';
  if (!isEcr(registry)) return undefined;
  const region = registry.split('.')[3] ?? 'REGION';
  return `Amazon ECR does not create repositories on push: run \`aws ecr create-repository --region ${region} --repository-name ${path}\` once.`;
}

function unavailableHint(
  failure: RegistryFailure,
  { repository: { registry } }: Circumstances,
): string | undefined {
  const code = errorCode(failure.cause);
  if (isCertificateTrouble(code))
    return `The TLS certificate of ${registry} was not accepted: give its authority in NODE_EXTRA_CA_CERTS, or name the registry in \`registry-insecure\` when it speaks plain http.`;
  if (failure.status === 429)
    return 'The registry limits how often it is asked: log in, or re-run later. The job continues where this one stopped.';
  if (failure.status !== undefined && failure.status < 500)
    return 'The registry refused this request for good; its own words stand in the message.';
  return undefined;
}

/** `123456789012.dkr.ecr.eu-central-1.amazonaws.com`. https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export function isEcr(registry: string): boolean {
  return /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.test(registry);
}

function isQuay(registry: string): boolean {
  return registry === 'quay.io' || registry.endsWith('.quay.io');
}
