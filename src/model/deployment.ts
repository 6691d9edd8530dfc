/**
 * A record at GitHub that an environment got a release: evidence for people, beside the channel's own record and never a
 * gate. https://docs.github.com/en/rest/deployments/deployments
 */
export type DeploymentRequest = {
  readonly environment: string;
  /** 40 hex digits: the commit of what goes there. */
  readonly revision: string;
  /** At most 140 characters. */
  readonly description: string;
  /** Whether it is what stable versions go to. */
  readonly isProduction: boolean;
  readonly payload: DeploymentPayload;
};

/** What moved, as JSON for whoever reads the record. Snake case, because it is a document for others. */
export type DeploymentPayload = {
  /** Made anew for each record: by it we know our own. */
  readonly nonce: string;
  readonly channel: string;
  readonly kind: 'promote' | 'rollback';
  /** Null where there is none. */
  readonly version: string | null;
  readonly immutable_tag: string;
  /** At every registry, with what the channel's tag pointed at before. Left out where there are too many of them. */
  readonly images?: readonly {
    readonly image: string;
    readonly repository: string;
    readonly digest: string;
    readonly previous: string | null;
  }[];
  readonly run: string;
};

export type DeploymentState = 'in_progress' | 'success' | 'failure';

/** https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status */
export type DeploymentStatus = {
  readonly state: DeploymentState;
  /** At most 140 characters. */
  readonly description: string;
  /** The run. */
  readonly logUrl: string;
};

/** A record as this run left it. */
export type Deployment = {
  readonly id: number;
  readonly environment: string;
  /** The page of the environment, for people. */
  readonly url: string;
  readonly state: DeploymentState;
};
