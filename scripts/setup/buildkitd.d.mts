export interface Buildkitd {
  /** `tcp://127.0.0.1:PORT` */
  readonly addr: string;
  /** The folder that holds everything it keeps. */
  readonly root: string;
  /** Everything that the daemon has printed so far. */
  log(): string;
  /** Ends the daemon and removes its state. */
  stop(): Promise<void>;
}

/** Starts buildkitd on a free loopback port with state of its own. Needs root. */
export function startBuildkitd(): Promise<Buildkitd>;
