import type { InputSpec } from './input-spec.ts';
import { ATTEST_INPUTS } from './names-attest.ts';
import { BUILD_INPUTS } from './names-build.ts';
import { CHANNEL_INPUTS } from './names-channels.ts';
import { FAN_OUT_INPUTS } from './names-fan-out.ts';
import { GATE_INPUTS, TOOL_INPUTS } from './names-gate.ts';
import { PUBLISH_INPUTS } from './names-publish.ts';
import { LOGIN_INPUTS, NAME_INPUTS, VERSION_INPUTS, WHERE_INPUTS } from './names-release.ts';
import { VERIFY_INPUTS } from './names-verify.ts';

/** All inputs, grouped as README.md shows them. action.yml, the README tables and the JSON Schema come from this list. */
export const INPUT_GROUPS = {
  Where: WHERE_INPUTS,
  Names: NAME_INPUTS,
  Version: VERSION_INPUTS,
  Channels: CHANNEL_INPUTS,
  Login: LOGIN_INPUTS,
  Build: BUILD_INPUTS,
  'Fan-out': FAN_OUT_INPUTS,
  Gate: GATE_INPUTS,
  Tools: TOOL_INPUTS,
  Attest: ATTEST_INPUTS,
  Publish: PUBLISH_INPUTS,
  Verify: VERIFY_INPUTS,
} as const satisfies Record<string, Record<string, InputSpec>>;

export const INPUTS = {
  ...WHERE_INPUTS,
  ...NAME_INPUTS,
  ...VERSION_INPUTS,
  ...CHANNEL_INPUTS,
  ...LOGIN_INPUTS,
  ...BUILD_INPUTS,
  ...FAN_OUT_INPUTS,
  ...GATE_INPUTS,
  ...TOOL_INPUTS,
  ...ATTEST_INPUTS,
  ...PUBLISH_INPUTS,
  ...VERIFY_INPUTS,
} as const;

export type InputName = keyof typeof INPUTS;

/** The only default that action.yml declares; all others are applied behind the door. */
export const ACTION_DEFAULTS: Readonly<Partial<Record<InputName, string>>> = {
  'github-token': '${{ github.token }}',
};

/** All outputs; they are set also when the run fails, as far as it came. */
export const OUTPUTS = {
  version: 'Version that was released, such as `1.2.3`; empty on branches and pull requests.',
  channel: 'Channel that was moved, or would be; the first, where several are; empty when none.',
  prerelease: '`true` when the version is a prerelease.',
  image: '`repository:tag` of the first image.',
  digest: 'Digest of the first image, `sha256:…`.',
  'image-ref': '`repository@digest` of the first image.',
  images:
    'JSON list of all images: `name`, `repository`, `digest`, `ref`, `tags`, `platforms`, `sbom`, `findings`.',
  digests: 'JSON object: image name → digest as 64 hex digits without prefix.',
  tags: 'Full references of all tags, one a line.',
  pushed: '`true` when the images were pushed, or were there already.',
  plan: 'The whole plan as JSON.',
  matrix:
    'Jobs that the builds can be spread over, as a `strategy.matrix`: JSON `{"include": […]}` with `shard`, `runner`, `images` and `platforms`.',
  handoff: 'Path of the folder with what a `build` has handed over.',
  record: 'Path of release.json, the whole release as data.',
  'sbom-path': 'Paths of the SBOMs, one a line.',
  'sarif-path': 'Paths of the SARIF reports, one a line.',
  'scan-report-path': 'Paths of the scan reports in JSON, one a line.',
  'attestation-urls': "Addresses of the attestations in GitHub's store, one a line.",
  'bundle-path': 'Paths of the Sigstore bundles, one a line.',
  'publish-id': 'Id of the job at the platform, one a line for each module that was published.',
  'publish-status':
    '`published`, `unchanged`, `accepted`, `submitted`, `timeout`, `failed`, `rejected` or `cancelled`, one a line.',
  'publish-public-key': 'Public key (PEM) that the manifests of this run are signed with.',
  status:
    '`released`, `unchanged`, `gated`, `built`, `planned`, `attested`, `verified`, `promoted`, `rolled-back` or `failed`.',
  'error-code': 'Stable code of the first error, such as `GATE_FINDINGS`; empty when all went well.',
} as const satisfies Record<string, string>;

export type OutputName = keyof typeof OUTPUTS;

export function isInputName(text: string): text is InputName {
  return Object.hasOwn(INPUTS, text);
}

/** The spec of an input with its flags made explicit. */
export function inputSpec(name: InputName): { description: string; config: boolean; secret: boolean } {
  const spec: InputSpec = INPUTS[name];
  return {
    description: spec.description,
    config: spec.config !== false,
    secret: spec.secret === true,
  };
}
