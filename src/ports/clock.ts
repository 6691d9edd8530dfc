export interface Clock {
  now(): Date;
  /** Monotonic milliseconds. */
  elapsed(): number;
  sleep(milliseconds: number): Promise<void>;
}
