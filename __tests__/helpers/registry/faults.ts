/** What goes wrong on demand. `when` is matched against each request; `times` (default 1) says how often. */
export type Fault = {
  readonly when: { readonly method?: string; readonly path?: RegExp };
  readonly times?: number;
  /** So many matching requests are served well before. */
  readonly skip?: number;
  readonly effect: FaultEffect;
};

export type FaultEffect =
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The connection ends when so many bytes of the request's body have come; they stay in the upload session. */
  | { readonly do: 'drop'; readonly afterBytes?: number }
  /** What was asked for is done, and the connection ends before the answer. */
  | { readonly do: 'mute' }
  /** The whole length is promised, so many bytes of the answer's body are sent, and the connection ends. */
  | { readonly do: 'truncate'; readonly bytes: number }
  /** One header of the right answer is another. */
  | { readonly do: 'header'; readonly name: string; readonly value: string }
  /** A request for a range gets the whole, as registries may do. */
  | { readonly do: 'ignore-range' }
  /** Another body of the same length, with the right headers. */
  | { readonly do: 'corrupt' }
  /** Two numbers: some time between them. */
  | { readonly do: 'delay'; readonly milliseconds: number | readonly [number, number] }
  /** It has come whole, and is served when this is so. */
  | { readonly do: 'hold'; readonly until: Promise<void> }
  /** 401 with the registry's own challenge, whatever was sent. */
  | { readonly do: 'unauthorized' };

export class Faults {
  #armed: { readonly fault: Fault; skip: number; left: number }[] = [];
  #awaited: { readonly when: Fault['when']; left: number; readonly come: () => void }[] = [];
  #hiddenReads = 0;

  add(fault: Fault): void {
    this.#armed.push({ fault, skip: fault.skip ?? 0, left: fault.times ?? 1 });
  }

  /** Resolves when so many matching requests have come from now on. */
  come(when: Fault['when'], times = 1): Promise<void> {
    return new Promise((come) => this.#awaited.push({ when, left: times, come }));
  }

  /** Eventual consistency: the next `reads` reads after each manifest PUT show what was there before. */
  hideWrites(reads: number): void {
    this.#hiddenReads = reads;
  }

  get hiddenReads(): number {
    return this.#hiddenReads;
  }

  clear(): void {
    this.#armed = [];
    this.#hiddenReads = 0;
  }

  /** Faults that are armed and have not happened as often as they should. */
  get pending(): readonly Fault[] {
    return this.#armed.filter(({ left }) => left > 0).map(({ fault }) => fault);
  }

  /** The effects for a request, which are used up by it. */
  take(method: string, path: string): readonly FaultEffect[] {
    for (const each of this.#awaited.filter(({ when }) => matches(when, method, path))) {
      each.left -= 1;
      if (each.left === 0) each.come();
    }
    this.#awaited = this.#awaited.filter(({ left }) => left > 0);
    const effects: FaultEffect[] = [];
    for (const entry of this.#armed) {
      const { when, effect } = entry.fault;
      if (!matches(when, method, path)) continue;
      if (entry.skip > 0) entry.skip -= 1;
      else if (entry.left > 0) {
        entry.left -= 1;
        effects.push(effect);
      }
    }
    return effects;
  }
}

function matches(when: Fault['when'], method: string, path: string): boolean {
  return (when.method ?? method) === method && when.path?.test(path) !== false;
}
