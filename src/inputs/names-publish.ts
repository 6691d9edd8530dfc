import type { InputSpec } from './input-spec.ts';

/** Inputs of publishing: whether, where to, and as whom. */
export const PUBLISH_INPUTS = {
  publish: {
    description:
      'Whether a platform is told of the release, last of all: `true` or `false`. In the config file `publish:` may be a section in its place, whose `when` says it. Default: `false`.',
  },
  'publish-env': {
    description: 'Environment of HLA-Compass: `dev`, `staging` or `prod`. Default: `dev`.',
  },
  'publish-scope': {
    description:
      'Who may use the module: `org` (your organization, approved at once) or `public` (everybody, after an approval). Default: `org`.',
  },
  'publish-url': {
    config: false,
    description:
      "Address of the platform's API in place of the environment's own, such as `https://compass.example.com`: https, or http on loopback. The token is sent there. Default: that of `publish-env`.",
  },
  'publish-token': {
    config: false,
    secret: true,
    description:
      'What the platform knows you by: an access token of HLA-Compass (an API key with `api-key:` before it), the shared secret that signs requests to `publish-webhook`, or a token with write access to the contents of `publish-dispatch`. Default: none.',
  },
  'publish-org': {
    description: 'Id of the organization to publish for. Default: the one of the token.',
  },
  'publish-key': {
    config: false,
    secret: true,
    description:
      'Private RSA key (PKCS#8 PEM, 4096 bits) that signs manifests: the identity of the publisher, the same at every release. Default: none.',
  },
  'generate-keys': {
    description:
      '`true` signs with a key that is made for this run alone, in place of `publish-key`: every release then has a new identity. Default: `false`.',
  },
  'publish-wait': {
    description:
      '`true` waits until the platform has taken the version in, or refused it. Default: `true` for the scope `org`, `false` for `public`, where a person approves.',
  },
  'publish-timeout': {
    description: 'How long to wait, such as `30m`. Default: `30m`.',
  },
  'publish-webhook': {
    description:
      'Another platform in place of HLA-Compass: an https address that gets a signed request (`X-Hub-Signature-256`) about each release. Default: none.',
  },
  'publish-dispatch': {
    description:
      'Another platform in place of HLA-Compass: a repository, such as `acme/deploy`, whose workflows get a `repository_dispatch` event of the type `module-release`. Default: none.',
  },
} as const satisfies Record<string, InputSpec>;
