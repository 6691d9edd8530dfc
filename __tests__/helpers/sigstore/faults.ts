export type Service = 'fulcio' | 'rekor' | 'tsa';

export type SigstoreFault = {
  readonly service: Service;
  /** 0 cuts the connection. 409 of Rekor enters the entry first and points at it, as when another request was faster. */
  readonly status: number;
  /** Default: all. */
  readonly times?: number;
  /** Only within so long from now; default: for ever. */
  readonly milliseconds?: number;
  /** The work is done, and then the answer is lost: a client that tries again finds its entry in the log. */
  readonly afterWork?: boolean;
  /** `retry-after` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** What goes wrong on demand. */
export class SigstoreFaults {
  #armed: { readonly fault: SigstoreFault; readonly until: number; left: number }[] = [];
  readonly #delays = new Map<Service, number>();

  add(fault: SigstoreFault): void {
    const until =
      fault.milliseconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + fault.milliseconds;
    this.#armed.push({ fault, until, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Each answer of the service takes so much longer from now on. */
  delay(service: Service, milliseconds: number): void {
    this.#delays.set(service, milliseconds);
  }

  /** From now on all is well. */
  clear(): void {
    this.#armed = [];
    this.#delays.clear();
  }

  delayOf(service: Service): number {
    return this.#delays.get(service) ?? 0;
  }

  /** The fault for a request, which is used up by it. */
  take(service: Service): SigstoreFault | undefined {
    const now = Date.now();
    const found = this.#armed.find(
      ({ fault, until, left }) => fault.service === service && left > 0 && now < until,
    );
    if (found !== undefined) found.left -= 1;
    return found?.fault;
  }
}
