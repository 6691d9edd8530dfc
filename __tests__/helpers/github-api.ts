import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Repository = Readonly<Record<string, unknown>>;

export type GitHubApi = {
  /** For GITHUB_API_URL. */
  readonly url: string;
  /** `GET /repos/acme/modules` with the authorization that came with it. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** Every answer from now on has this status (0 = the connection is cut, -1 = no answer); undefined = proper answers again. */
  failWith(status: number | undefined): void;
  /** How a commit stands to another, of any repository; others are 404. */
  compare(base: string, head: string, status: 'ahead' | 'behind' | 'identical' | 'diverged'): void;
  close(): Promise<void>;
};

/**
 * A stand-in of GET /repos/{owner}/{repo} on loopback, repositories by `owner/name` in lower case, and of
 * GET /repos/{owner}/{repo}/compare/{base}...{head}; others are 404.
 */
export async function gitHubApi(repositories: Readonly<Record<string, Repository>>): Promise<GitHubApi> {
  const requests: { line: string; authorization: string | undefined }[] = [];
  const comparisons = new Map<string, unknown>();
  let failure: number | undefined;
  const server = createServer((request, response) => {
    requests.push({
      line: `${request.method} ${request.url}`,
      authorization: request.headers.authorization,
    });
    if (failure === 0) return void request.socket.destroy();
    if (failure === -1) return;
    const name = /^\/repos\/([^/]+\/[^/?]+)$/.exec(request.url ?? '')?.[1]?.toLowerCase() ?? '';
    const pair = /^\/repos\/[^/]+\/[^/]+\/compare\/([0-9a-f]{40}\.{3}[0-9a-f]{40})(?:\?|$)/.exec(
      request.url ?? '',
    )?.[1];
    const found = pair === undefined ? repositories[name] : comparisons.get(pair);
    const status = failure ?? (found === undefined ? 404 : 200);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? found : { message: 'no such thing' }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failWith(status) {
      failure = status;
    },
    compare(base, head, status) {
      // The second page has no files. https://docs.github.com/en/rest/commits/commits#compare-two-commits
      comparisons.set(`${base}...${head}`, {
        status,
        ahead_by: 1,
        behind_by: 1,
        total_commits: 1,
        commits: [],
      });
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
