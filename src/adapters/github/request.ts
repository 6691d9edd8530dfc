import { ReleaseError } from '../../model/errors.ts';

/** `https://api.github.com/repos/Owner/Name`, without a slash at its end. */
export function repositoryUrl(apiUrl: string, repository: string): string {
  const [owner = '', name = '', ...rest] = repository.split('/');
  if (owner === '' || name === '' || rest.length > 0)
    throw new ReleaseError('INTERNAL', `no repository of GitHub: ${repository}`);
  return `${apiUrl.replace(/\/+$/, '')}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}

/** https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#headers */
export function headersOf(token: string): Record<string, string> {
  return {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': 'module-release',
    'x-github-api-version': '2022-11-28',
  };
}
