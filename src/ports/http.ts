/** A small request: everything that goes up fits in memory. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/** `attempts`: how often it was asked. */
export type HttpOutcome =
  | {
      readonly kind: 'answer';
      /** Any status; a transient one (429, 5xx) only after the last attempt. Redirects are not followed. */
      readonly status: number;
      readonly headers: Readonly<Record<string, string | undefined>>;
      readonly body: Uint8Array;
      /** How long the service wants to be left alone from now on (Retry-After). */
      readonly retryAfterMs?: number;
      readonly attempts: number;
    }
  /** No answer: the reason as the network told it, or that the answer was too large. */
  | { readonly kind: 'failure'; readonly reason: string; readonly attempts: number }
  /** `until` came before an answer did. */
  | { readonly kind: 'late'; readonly attempts: number };

export type HttpOptions = {
  /** Bytes that an answer may have; default: 1 MiB. */
  readonly limit?: number;
  /** How often it is asked at most; default: as often as the time allows. */
  readonly attempts?: number;
  /** Time of the clock (`elapsed`) after which no further attempt is of use. */
  readonly until?: number;
};

/** Requests to services over http(s), with retries over minutes. */
export interface Http {
  /** The request is made anew for each attempt, for what ages (tokens); what it throws is thrown. Else never throws. */
  exchange(request: () => Promise<HttpRequest>, options?: HttpOptions): Promise<HttpOutcome>;
}
