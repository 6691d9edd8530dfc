/** What action.yml and README.md say of an input. */
export type InputSpec = {
  /** Meaning, allowed form, an example, and the default. Without `${{`: the runner would evaluate it in action.yml. */
  readonly description: string;
  /** False: it may not stand in the config file. */
  readonly config?: false;
  /** Its value appears nowhere. */
  readonly secret?: true;
};
