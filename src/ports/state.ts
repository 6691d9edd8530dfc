/** What the post step must know: kept by the runner between `main` and `post`. */
export interface State {
  save(key: 'builder' | 'temp', value: string): void;
}
