import type { BuildInputs } from '../../model/inputs.ts';

/**
 * The secrets of a target: those of the bake file, and those of the inputs that it does not name itself. Values travel in
 * the environment, under names that say nothing (`MODULE_RELEASE_SECRET_n`, in the order of the input).
 */
export function secretsOf(
  printed: readonly unknown[],
  inputs: Pick<BuildInputs, 'secrets' | 'secretFiles'>,
): readonly unknown[] {
  const named = new Set(printed.map(idOf));
  const given = [
    ...Object.keys(inputs.secrets).map((id, i) => ({ type: 'env', id, env: `MODULE_RELEASE_SECRET_${i}` })),
    ...Object.entries(inputs.secretFiles).map(([id, src]) => ({ type: 'file', id, src })),
  ];
  return [...printed, ...given.filter(({ id }) => !named.has(id))];
}

function idOf(entry: unknown): string | undefined {
  if (typeof entry === 'string') return /(?:^|,)id=([^,]*)/.exec(entry)?.[1];
  if (typeof entry !== 'object' || entry === null || !('id' in entry)) return undefined;
  return typeof entry.id === 'string' ? entry.id : undefined;
}
