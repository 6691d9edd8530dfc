import { must } from './command.ts';

/** How the builder stands when a measurement begins. */
export type Variant = {
  readonly name: string;
  readonly text: string;
  /** Before the clock starts. */
  prepare(): Promise<unknown>;
  /** Runs the work with the name of a builder; what the builder itself costs is part of it. */
  around(work: (builder: string) => Promise<unknown>): Promise<void>;
};

const nothing = async (): Promise<void> => {};
const onDocker = async (work: (builder: string) => Promise<unknown>): Promise<void> => {
  await work('default');
};

let made = 0;

export const VARIANTS: readonly Variant[] = [
  {
    name: 'fresh',
    text: 'fresh docker-container builder',
    prepare: nothing,
    async around(work) {
      made += 1;
      const name = `mr-bench-${process.pid}-${made}`;
      await must('docker', ['buildx', 'create', '--name', name, '--driver', 'docker-container']);
      try {
        await work(name);
      } finally {
        await must('docker', ['buildx', 'rm', '--force', name]);
      }
    },
  },
  {
    name: 'cold',
    text: 'docker driver, cold',
    prepare: () => must('docker', ['builder', 'prune', '--all', '--force']),
    around: onDocker,
  },
  { name: 'warm', text: 'docker driver, warm', prepare: nothing, around: onDocker },
];

/** The variants that were asked for; all when none was. */
export function chosen(names: readonly string[], all: readonly Variant[] = VARIANTS): readonly Variant[] {
  const unknown = names.find((name) => !all.some((variant) => variant.name === name));
  if (unknown !== undefined)
    throw new Error(`no variant ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** Measures the whole work in this variant, the builder's own time included. Milliseconds. */
export async function timed(variant: Variant, work: (builder: string) => Promise<unknown>): Promise<number> {
  await variant.prepare();
  const started = performance.now();
  await variant.around(work);
  return performance.now() - started;
}
