/** What a repository's deployments are told to be, as GitHub does by its documentation. */
export type StoredDeployment = {
  readonly id: number;
  readonly ref: string;
  readonly environment: string;
  readonly description: string;
  readonly production_environment: boolean;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The oldest first. */
  readonly statuses: { readonly state: string; readonly description: string; readonly log_url: string }[];
};

type AskedDeployment = Pick<StoredDeployment, 'ref' | 'environment' | 'description' | 'payload'> & {
  readonly auto_merge?: boolean;
  readonly required_contexts?: readonly string[];
  readonly production_environment?: boolean;
};

type AskedStatus = {
  readonly state: string;
  readonly description?: string;
  readonly log_url?: string;
  readonly auto_inactive?: boolean;
};

type Answer = { readonly status: number; readonly body: unknown };

/** Faults of the following requests, in their order. */
export type DeploymentFault = {
  /** Of `POST /repos/acme/modules/deployments`. */
  readonly when: RegExp;
  /** 0: the connection is cut; -1: no answer. */
  readonly status: number;
  /** The work is done, and the answer is lost. */
  readonly isDone?: true;
  readonly times?: number;
};

/**
 * Deployments of one repository, strictly by https://docs.github.com/en/rest/deployments: a status `success` makes those
 * earlier ones inactive that are at success and not for production, and nothing else does.
 */
export class Deployments {
  readonly stored: StoredDeployment[] = [];
  /** Commits that the repository does not have. */
  readonly unknown = new Set<string>();
  /** Whether the token has `deployments: write`. */
  mayWrite = true;
  /** Told before each status is stored. */
  onStatus: (state: string) => void = () => undefined;
  #last = 1000;

  clear(): void {
    this.stored.length = 0;
    this.unknown.clear();
    this.mayWrite = true;
    this.onStatus = () => undefined;
  }

  /** The states of each deployment, the oldest first. */
  states(): readonly (readonly string[])[] {
    return this.stored.map(({ statuses }) => statuses.map(({ state }) => state));
  }

  /** Undefined for what is none of its business. */
  answer(method: string, url: URL, text: string): Answer | undefined {
    const path = /^\/repos\/[^/]+\/[^/]+\/deployments(?:\/(\d+)\/statuses)?$/.exec(url.pathname);
    if (path === null) return undefined;
    if (method === 'POST' && !this.mayWrite) return refusal(403, 'Resource not accessible by integration');
    const most = Number(url.searchParams.get('per_page') ?? 30);
    if (path[1] === undefined)
      return method === 'POST' ? this.#create(JSON.parse(text)) : this.#list(url.searchParams, most);
    const found = this.stored.find(({ id }) => id === Number(path[1]));
    if (found === undefined) return refusal(404, 'Not Found');
    if (method === 'POST') return this.#setStatus(found, JSON.parse(text));
    return { status: 200, body: found.statuses.toReversed().slice(0, most) };
  }

  #create(asked: AskedDeployment): Answer {
    if (!/^[0-9a-f]{40}$/.test(asked.ref) || this.unknown.has(asked.ref))
      return refusal(422, `No ref found for: ${asked.ref}`);
    if (asked.auto_merge !== false) return { status: 202, body: { message: 'Auto-merged main into it' } };
    if (asked.required_contexts?.length !== 0) return refusal(409, 'Conflict: Commit status checks failed');
    if (asked.description.length > 140 || asked.environment.length > 255) return refusal(422, 'too long');
    const { ref, environment, description, payload } = asked;
    const production_environment = asked.production_environment ?? environment === 'production';
    this.#last += 1;
    const made = { id: this.#last, ref, environment, description, payload, production_environment };
    this.stored.push({ ...made, statuses: [] });
    return { status: 201, body: { ...made, url: 'https://api.github.com/x', transient_environment: false } };
  }

  #list(query: URLSearchParams, most: number): Answer {
    const environment = query.get('environment');
    const found = this.stored.filter((each) => environment === null || each.environment === environment);
    return { status: 200, body: found.toReversed().slice(0, most) };
  }

  #setStatus(deployment: StoredDeployment, asked: AskedStatus): Answer {
    const { state, description = '', log_url = '', auto_inactive = true } = asked;
    if (!STATES.includes(state) || description.length > 140) return refusal(422, 'Validation Failed');
    this.onStatus(state);
    deployment.statuses.push({ state, description, log_url });
    const earlier = this.stored.filter(
      ({ id, environment, production_environment, statuses }) =>
        id < deployment.id &&
        environment === deployment.environment &&
        !production_environment &&
        statuses.at(-1)?.state === 'success',
    );
    if (state === 'success' && auto_inactive)
      for (const { statuses } of earlier) statuses.push({ state: 'inactive', description: '', log_url: '' });
    return { status: 201, body: { id: deployment.statuses.length, state } };
  }
}

const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

function refusal(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest' } };
}
