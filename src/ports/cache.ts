/** The runner's cache service (@actions/cache). Never fails a release: trouble is a miss, logged. */
export interface Cache {
  /** True when the key was there and the paths are restored. */
  restore(paths: readonly string[], key: string): Promise<boolean>;
  save(paths: readonly string[], key: string): Promise<void>;
}
