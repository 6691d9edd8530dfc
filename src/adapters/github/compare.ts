import * as z from 'zod/mini';
import type { Ancestry } from '../../model/channel.ts';
import type { Http } from '../../ports/http.ts';
import { headersOf, repositoryUrl } from './request.ts';

/** https://docs.github.com/en/rest/commits/commits#compare-two-commits */
const comparison = z.object({ status: z.enum(['ahead', 'behind', 'identical', 'diverged']) });

/** The second page of the shortest: the first holds all changed files with their patches. */
const SHORT = '?per_page=1&page=2';
const LIMIT = 4 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const COMMIT = /^[0-9a-f]{40}$/;

/** How head stands to base; throws a plain Error that says why this cannot be known. */
export async function compareCommits(
  { token, apiUrl, http }: { readonly token: string; readonly apiUrl: string; readonly http: Http },
  repository: string,
  base: string,
  head: string,
): Promise<Ancestry> {
  if (![base, head].every((each) => COMMIT.test(each))) throw new Error(`no commits: ${base}, ${head}`);
  const url = new URL(`${repositoryUrl(apiUrl, repository)}/compare/${base}...${head}${SHORT}`);
  const headers = headersOf(token);
  const outcome = await http.exchange(async () => ({ method: 'GET', url, headers }), {
    limit: LIMIT,
    // Dates answer as well: not worth minutes.
    until: performance.now() + TIMEOUT_MS,
  });
  if (outcome.kind !== 'answer') throw new Error('no answer');
  if (outcome.status !== 200) throw new Error(`status ${outcome.status}`);
  return comparison.parse(JSON.parse(new TextDecoder().decode(outcome.body))).status;
}
