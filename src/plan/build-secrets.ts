import type { BuildInputs } from '../model/inputs.ts';

/** Build secrets as bake has them, and the values for the environment of the build; the document never holds a value. */
export type BuildSecrets = {
  readonly entries: readonly Readonly<Record<string, string>>[];
  /** `MODULE_RELEASE_SECRET_0` → value. */
  readonly env: Readonly<Record<string, string>>;
};

/** Secrets go in by environment variables whose names say nothing. */
export function buildSecrets(build: BuildInputs): BuildSecrets {
  const values = Object.entries(build.secrets).map(([id, value], i) => ({
    id,
    env: `MODULE_RELEASE_SECRET_${i}`,
    value,
  }));
  return {
    entries: [
      ...values.map(({ id, env }) => ({ type: 'env', id, env })),
      ...Object.entries(build.secretFiles).map(([id, src]) => ({ type: 'file', id, src })),
    ],
    env: Object.fromEntries(values.map(({ env, value }) => [env, value])),
  };
}
