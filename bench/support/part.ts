import type { Table } from './table.ts';

export type BenchOptions = {
  /** How often each thing is measured; the part's own number unless told. */
  readonly runs?: number;
  /** `release:warm,cold` measures these only; empty = all. */
  readonly variants: readonly string[];
  /** Says what is going on, for a person who waits. */
  readonly say: (line: string) => void;
};

/** What a part has measured, ready to be printed and to be written into docs/benchmarks.md. */
export type Report = {
  readonly title: string;
  /** One sentence or more: what was measured, and how. */
  readonly text: string;
  readonly table: Table;
  /** What the figures say; the target and whether it is met. */
  readonly notes: readonly string[];
  /** Files beside the document, by name: pictures that the notes show. */
  readonly files?: Readonly<Record<string, string>>;
};

/** Every file of bench/ that measures something exports this as `run`. */
export type Part = (options: BenchOptions) => Promise<Report>;
