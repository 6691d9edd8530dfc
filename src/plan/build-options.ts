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

/** A cache that cannot be written never fails a build. https://docs.docker.com/build/cache/backends/ */
export function cacheTo(entry: string, scope?: string): string {
  const spec = withScope(entry, scope);
  return /(?:^|,)ignore-error=/.test(spec) || spec.startsWith('type=inline')
    ? spec
    : `${spec},ignore-error=true`;
}

/** Images that share one `type=gha` scope would overwrite each other's cache, so each gets its own. */
export function withScope(entry: string, scope?: string): string {
  const spec = entry.includes('=') ? entry : `type=registry,ref=${entry}`;
  const wantsScope =
    scope !== undefined && /(?:^|,)type=gha(?:,|$)/.test(spec) && !/(?:^|,)scope=/.test(spec);
  return wantsScope ? `${spec},scope=${scope}` : spec;
}
