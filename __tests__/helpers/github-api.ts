import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeploymentFault, Deployments } from './github-deployments.ts';

type Repository = Readonly<Record<string, unknown>>;

export type GitHubApi = {
  /** For GITHUB_API_URL. */
  readonly url: string;
  /** `GET /repos/acme/modules` with the authorization that came with it. */
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  /** Of every repository. */
  readonly deployments: Deployments;
  /** Every answer from now on has this status (0 = the connection is cut, -1 = no answer); undefined = proper answers again. */
  failWith(status: number | undefined): void;
  /** Every answer from now on comes so many milliseconds late. */
  slowDown(milliseconds: number): void;
  /** The next requests of this kind fail; `failWith(undefined)` takes that back too. */
  failNext(fault: DeploymentFault): void;
  /** How a commit stands to another, of any repository; others are 404. */
  compare(base: string, head: string, status: 'ahead' | 'behind' | 'identical' | 'diverged'): void;
  close(): Promise<void>;
};

/**
 * A stand-in of GET /repos/{owner}/{repo} on loopback, repositories by `owner/name` in lower case, of
 * GET /repos/{owner}/{repo}/compare/{base}...{head}, and of the deployments; others are 404.
 */
export async function gitHubApi(repositories: Readonly<Record<string, Repository>>): Promise<GitHubApi> {
  const requests: { line: string; authorization: string | undefined }[] = [];
  const comparisons = new Map<string, unknown>();
  const deployments = new Deployments();
  const faults: { fault: DeploymentFault; left: number }[] = [];
  let failure: number | undefined;
  let delay = 0;
  const faultOf = (line: string): Pick<DeploymentFault, 'status' | 'isDone'> | undefined => {
    const found = faults.find(({ fault, left }) => left > 0 && fault.when.test(line));
    if (found === undefined) return failure === undefined ? undefined : { status: failure };
    found.left -= 1;
    return found.fault;
  };
  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    requests.push({ line, authorization: request.headers.authorization });
    const body = await textOf(request);
    await sleep(delay);
    const fault = faultOf(line);
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const work = () => deployments.answer(request.method ?? '', url, body);
    if (fault?.isDone === true) work();
    if (fault?.status === 0) return void request.socket.destroy();
    if (fault?.status === -1) return;
    const name = /^\/repos\/([^/]+\/[^/?]+)$/.exec(request.url ?? '')?.[1]?.toLowerCase() ?? '';
    const pair = /^\/repos\/[^/]+\/[^/]+\/compare\/([0-9a-f]{40}\.{3}[0-9a-f]{40})(?:\?|$)/.exec(
      request.url ?? '',
    )?.[1];
    const found = pair === undefined ? repositories[name] : comparisons.get(pair);
    const answer =
      (fault === undefined ? work() : undefined) ??
      (found === undefined || fault !== undefined
        ? { status: fault?.status ?? 404, body: { message: 'no such thing' } }
        : { status: 200, body: found });
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    deployments,
    failWith(status) {
      failure = status;
      if (status === undefined) faults.length = 0;
    },
    slowDown(milliseconds) {
      delay = milliseconds;
    },
    failNext(fault) {
      faults.push({ fault, left: fault.times ?? 1 });
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

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
