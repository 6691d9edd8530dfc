import type { InputSpec } from './input-spec.ts';

/** Inputs of the build, named as in docker/build-push-action where it has them. */
export const BUILD_INPUTS = {
  context: { description: 'Build context of the one image: a folder, or a Git or http URL. Default: `.`.' },
  file: {
    description:
      'Dockerfile of the one image, such as `docker/Dockerfile`. Default: `Dockerfile` in the context.',
  },
  target: { description: 'Stage of the Dockerfile to build, such as `runtime`. Default: the last one.' },
  platforms: {
    description:
      "Platforms, such as `linux/amd64,linux/arm64`, for every image that names none itself. Default: the builder's own.",
  },
  'build-args': {
    description:
      'Build arguments for every image built from a Dockerfile, one `NAME=value` a line; a value of several lines is quoted as in CSV. Default: none.',
  },
  'build-contexts': {
    description:
      'Named contexts, one `name=value` a line, such as `base=docker-image://alpine:3.22` or `base=target:IMAGE` (an image of the config). Default: none.',
  },
  secrets: {
    config: false,
    secret: true,
    description:
      'Build secrets, one `id=value` a line; a value of several lines is quoted as in CSV (`"id=first line…last line"`). Never in arguments, logs or provenance. Default: none.',
  },
  'secret-files': {
    description: 'Build secrets from files, one `id=path` a line, such as `npmrc=.npmrc`. Default: none.',
  },
  ssh: { description: 'SSH agent sockets or keys for the build, such as `default`. Default: none.' },
  'cache-from': {
    description:
      'Build caches to read, one a line, such as `type=gha`. Default: those of a bake file, but for releases of tags, which import no cache that this does not name.',
  },
  'cache-to': {
    description:
      'Build caches to write, one a line, such as `type=gha,mode=max`. A cache that cannot be written never fails the release. Default: none.',
  },
  'no-cache': { description: '`true` builds without any cache. Default: `false`.' },
  pull: { description: '`true` asks for newer versions of the base images. Default: `false`.' },
  network: {
    description: "Network of RUN instructions: `default`, `host` or `none`. Default: the builder's own.",
  },
  builder: {
    description:
      'Name of a buildx builder, such as `mybuilder`. Default: the present one when it can export OCI layouts, else a docker-container builder made for this run.',
  },
  'builder-image': {
    description:
      'BuildKit image of the builder made for this run, such as `moby/buildkit:v0.27.0`. Default: the one of buildx.',
  },
  'bake-file': {
    description:
      'Bake files inside the workspace, such as `docker-bake.hcl`; their targets are the images. Default: none.',
  },
  'bake-targets': {
    description: 'Targets or groups of the bake files, such as `app,worker`. Default: `default`.',
  },
  'module-base-image': {
    description:
      'Base image of modules with a manifest.json and no Dockerfile, such as `ghcr.io/acme/module-runtime:py311`; the Dockerfile is generated. Default: `ghcr.io/alitheabio/hla-compass-module-runtime:py311-trixie`.',
  },
  from: {
    description:
      'Image built by another tool: `docker-daemon:REF`, `oci-layout:PATH`, `oci-archive:PATH`, `docker-archive:PATH` or `registry:REPO@sha256:…`. For `command: promote` what is promoted: a version, a channel, another tag, `sha256:…`, a digest for each image (one `name@sha256:…` a line, or the output `digests`), references, one a line, or `handoff:PATH` (`handoff:artifact`). Default: none, it is built here.',
  },
} as const satisfies Record<string, InputSpec>;
