import type { InputSpec } from './input-spec.ts';

/** Inputs that say where, what and under which names: all but build and gate. */
export const WHERE_INPUTS = {
  command: {
    config: false,
    description:
      'What to do: `release`; `plan` (everything that `release` would do, as data; writes nothing); `build` (one job of several: builds, gates and pushes its `shard` by digest, sets no tag, and hands over to a release with `handoff`); `attest` (signs SBOM, scan and signature of images that `subject` or `record` names, or the pending records of channels); `verify` (proves the evidence of images, which `subject` names or this event has released; red when it does not hold); `promote` (moves `channel` to the release that `from` names, without a build); or `rollback` (moves it back to `to`). Default: `release`.',
  },
  config: {
    config: false,
    description:
      'Path of the config file, inside the workspace, such as `ci/release.yml`. Default: `.github/module-release.yml`, when it exists.',
  },
  'working-directory': {
    description:
      'Module root, where `manifest.json` stands: a folder inside the workspace, such as `modules/parser`. All other paths but `config` are relative to it. Default: `.`.',
  },
  'dry-run': {
    config: false,
    description:
      '`true` walks through the release, prints the plan and checks rights, and writes nothing. Default: `false`.',
  },
  'github-token': {
    config: false,
    secret: true,
    description:
      'Token for the GitHub API, and the password for ghcr.io when `password` is not given. Default: the token of the job.',
  },
} as const satisfies Record<string, InputSpec>;

export const NAME_INPUTS = {
  registry: {
    description:
      'Registry hosts, such as `ghcr.io` or `127.0.0.1:5000`. Of several the first is required, and all must end up with equal digests. Default: `ghcr.io`.',
  },
  namespace: {
    description:
      'Lower-case path between registry and image, such as `acme` or `acme/modules`. Default: the lower-case owner of the repository.',
  },
  image: {
    description:
      "Name of the one image, such as `my-module`: lower-case letters and digits, with `.`, `_` or `-` between them. Default: manifest.json's `name`, else the folder of a monorepo tag, else the repository's name.",
  },
} as const satisfies Record<string, InputSpec>;

export const VERSION_INPUTS = {
  version: {
    description:
      'Version to release, such as `1.2.3` or `1.3.0-rc.1` (strict SemVer, the tag prefix may stand before it). Default: the version of the git tag, else of manifest.json.',
  },
  'tag-prefix': {
    description:
      'What stands before the version in a git tag: `v`, `my-module/v`, `*/v` (the image is named by the tag), or `none`. Default: `v`.',
  },
  manifest: {
    description:
      "Whether manifest.json counts: `auto` (when it exists), `true` (it must exist) or `false`. Its version must equal the tag's. Default: `auto`.",
  },
  tags: {
    description:
      'Extra tags, one rule a line, in the dialect of docker/metadata-action, such as `type=sha,prefix=main-,format=long` or `type=raw,value=edge`. Default: none beside the tags of the event.',
  },
  'pull-request': {
    description:
      'What happens on a pull request of the same repository: `gate` (build and gate) or `push` (also push a `pr-<number>` tag). Default: `gate`.',
  },
  labels: {
    description:
      'Extra labels of the image config, one `key=value` a line, such as `org.opencontainers.image.vendor=Acme`. Default: the `org.opencontainers.image.*` labels of the release alone.',
  },
  annotations: {
    description:
      'Extra annotations, one `key=value` a line, with `index:`, `manifest:` or `index,manifest:` before the key to name the level. Default: the `org.opencontainers.image.*` annotations of the release alone.',
  },
} as const satisfies Record<string, InputSpec>;

export const LOGIN_INPUTS = {
  username: {
    description: 'User name for the first registry. Default: the user who started the run (`github.actor`).',
  },
  password: {
    config: false,
    secret: true,
    description:
      'Password or token for the first registry. Default: `github-token` on ghcr.io; elsewhere the Docker config (auths, credHelpers, credsStore) is used.',
  },
  'registry-auth': {
    config: false,
    secret: true,
    description:
      'Credentials for several registries, as a YAML list of `{registry, username, password}`. Default: none.',
  },
  'registry-insecure': {
    config: false,
    description:
      'Registry hosts that are spoken to over http although they are not on loopback, such as `registry.local:5000`. Default: none.',
  },
} as const satisfies Record<string, InputSpec>;
