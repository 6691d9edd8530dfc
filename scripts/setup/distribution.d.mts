export interface DistributionOptions {
  /** Default `none`. */
  readonly auth?: 'none' | 'htpasswd' | 'token';
  /** User name → password, for `htpasswd`. */
  readonly users?: Readonly<Record<string, string>>;
  /** The registry's own words, for `token`: https://distribution.github.io/distribution/about/configuration/#token */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    /** Path of a PEM file with the certificates that tokens may be signed with. */
    readonly rootcertbundle: string;
  };
  /** Default true. */
  readonly delete?: boolean;
  /** The folder that what it stores is made in. Default: the temporary one. */
  readonly parent?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default `info`: one line a request. */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug';
}

export interface Distribution {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Everything that the registry has printed so far. */
  log(): string;
  /** Ends the registry and removes what it stores. */
  stop(): Promise<void>;
}

/** Starts a registry on a loopback port with an empty storage of its own. */
export function startDistribution(options?: DistributionOptions): Promise<Distribution>;
