/** What one bake call is made of; see https://docs.docker.com/reference/cli/docker/buildx/bake/. */
export type BakeCall = {
  readonly builder: string;
  readonly file: string;
  readonly metadataFile: string;
  readonly targets: readonly string[];
  readonly allow: Allowed;
};

/** What bake may touch beside its own folder. (buildx 0.29 does not hold `--progress rawjson` to it; others may.) */
export type Allowed = {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly ssh: boolean;
  readonly hostNetwork: boolean;
};

export function bakeArgs(call: BakeCall): readonly string[] {
  const { allow } = call;
  return [
    'buildx',
    'bake',
    '--builder',
    call.builder,
    '--file',
    call.file,
    '--metadata-file',
    call.metadataFile,
    '--progress',
    'rawjson',
    ...allow.read.flatMap((path) => ['--allow', `fs.read=${path}`]),
    ...allow.write.flatMap((path) => ['--allow', `fs.write=${path}`]),
    ...(allow.ssh ? ['--allow', 'ssh'] : []),
    ...(allow.hostNetwork ? ['--allow', 'network.host'] : []),
    '--',
    ...call.targets,
  ];
}

/** The environment of bake. `type=gha` caches find their service in ACTIONS_*, which the runner gives to actions alone. */
export function bakeEnv(
  sourceDateEpoch: number,
  secretEnv: Readonly<Record<string, string>>,
  attests: boolean,
): Readonly<Record<string, string>> {
  return {
    ...secretEnv,
    // Seven runs of git for each target, for attestations that nobody makes. BUILDX_GIT_LABELS is not touched by it.
    ...(attests ? {} : { BUILDX_GIT_INFO: 'false' }),
    SOURCE_DATE_EPOCH: String(sourceDateEpoch),
    // Provenance in the metadata file holds build arguments, takes time, and is missing for two platforms.
    BUILDX_METADATA_PROVENANCE: 'disabled',
  };
}
