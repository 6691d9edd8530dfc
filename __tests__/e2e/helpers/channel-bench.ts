import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ChannelDocument } from '../../../src/model/promotion.ts';
import { encodeRecord } from '../../../src/steps/promote/record.ts';
import { channelHome } from '../../../src/steps/promote/run.ts';
import { CONFIG, contextOf } from '../../helpers/e2e-bench.ts';
import { GITHUB_CLAIMS } from '../../helpers/oidc/oidc.ts';
import { testClient } from '../../helpers/registry/client.ts';
import type { RunningRegistry } from '../../helpers/registry/registry.ts';
import { type ActionRun, type RunOptions, runAction } from '../../helpers/run-action.ts';
import type { CosignRun } from '../../helpers/sigstore/cosign.ts';
import { type AttestBench, attestBench } from './attest-bench.ts';

type Inputs = Readonly<Record<string, string>>;

/** Two images with channels, released by one workflow and moved by another one. */
export type ChannelBench = Pick<AttestBench, 'oidc' | 'sigstore'> & {
  readonly registry: RunningRegistry;
  /** `host/acme`. */
  readonly home: string;
  /** Commits, tags and releases a version. */
  release(version: string, inputs?: Inputs, more?: Partial<RunOptions>): Promise<ActionRun>;
  /** The same tag in a second run. */
  again(version: string, inputs?: Inputs): Promise<ActionRun>;
  /** A new commit on main. */
  commit(content: string): string;
  /** The push of a commit to main. */
  push(sha: string, inputs?: Inputs, more?: Partial<RunOptions>): Promise<ActionRun>;
  /** A dispatch on main, of a job without git, Docker and Trivy, and with an identity of its own. */
  move(inputs: Inputs, more?: Partial<RunOptions>): Promise<ActionRun>;
  /** What a tag points at, on both images. */
  at(tag: string): readonly (string | undefined)[];
  /** The document of a channel. */
  record(channel: string): Promise<unknown>;
  /** Writes the record of a channel as somebody without a signature would leave it. */
  forge(channel: string, change: (document: ChannelDocument) => ChannelDocument): Promise<void>;
  /** Whether the release of this version is signed at this reference. */
  cosignVerify(ref: string, version: string): Promise<CosignRun>;
  /** Whether the record of a channel is signed by the workflow that moves channels. */
  cosignRecord(channel: string): Promise<CosignRun>;
  dispose(): Promise<void>;
};

const IMAGES = ['one', 'two'] as const;
const WORKFLOW = 'Acme/Modules/.github/workflows/promote.yml';
const MAIN = 'refs/heads/main';

const FILES = {
  ...contextOf({ 'etc/one': 'one' }, 'one'),
  ...contextOf({ 'etc/two': 'two' }, 'two'),
  [CONFIG]: [
    'images:',
    '  one: { context: one }',
    '  two: { context: two, platforms: [linux/amd64, linux/arm64] }',
    'identity: { workflow: .github/workflows/release.yml }',
    '',
  ].join('\n'),
};

const CHANNELS = {
  dev: 'when: { branch: main }',
  prod: 'when: { tag: "v*" }, aliases: [latest, major, minor]',
  stable: 'when: manual',
};

/** `config`: more lines of the config file. */
export function channelBench(...config: readonly string[]): Promise<ChannelBench> {
  return channelBenchWith({}, ...config);
}

/** `keys`: more of a channel. */
export async function channelBenchWith(
  keys: Partial<Record<keyof typeof CHANNELS, string>>,
  ...config: readonly string[]
): Promise<ChannelBench> {
  const bench = await attestBench();
  const { e2e, oidc } = bench;
  const channels = Object.entries(CHANNELS).map(([name, rule]) => {
    const more = Object.entries(keys).find(([key]) => key === name)?.[1];
    return `  ${name}: { ${[rule, more].filter(Boolean).join(', ')} }`;
  });
  const lines = [FILES[CONFIG], 'channels:', ...channels, ...config, ''];
  const checkout = e2e.checkout({ ...FILES, [CONFIG]: lines.join('\n') });
  const commits = new Map<string, string>();
  const home = `${e2e.registry.host}/acme`;
  const claim = (sha: string, ref: string, workflow: string): void => {
    oidc.setClaims({ sha, ref, workflow_ref: `${workflow}@${ref}`, job_workflow_ref: `${workflow}@${ref}` });
  };
  const [releaser = ''] = GITHUB_CLAIMS.workflow_ref.split('@');
  const run = async (sha: string, ref: string, inputs: Inputs, more: Partial<RunOptions> = {}) => {
    execFileSync('git', ['-C', checkout.folder, 'checkout', '--quiet', sha]);
    claim(sha, ref, releaser);
    try {
      return await e2e.run(
        { ...checkout, sha },
        { ...bench.instance, attest: 'true', ...inputs },
        { ref, sha, ...more, env: { ...oidc.env, GITHUB_WORKFLOW_REF: `${releaser}@${ref}`, ...more.env } },
      );
    } finally {
      execFileSync('git', ['-C', checkout.folder, 'checkout', '--quiet', 'main']);
    }
  };
  const again = (version: string, inputs: Inputs = {}, more: Partial<RunOptions> = {}) =>
    run(commits.get(version) ?? '', `refs/tags/v${version}`, inputs, more);
  const record = async (channel: string): Promise<unknown> => {
    const url = `http://${e2e.registry.host}/v2/acme/one`;
    const manifest: { readonly layers: readonly { readonly digest: string }[] } = JSON.parse(
      await (await fetch(`${url}/manifests/_channel-${channel}`)).text(),
    );
    return JSON.parse(await (await fetch(`${url}/blobs/${manifest.layers[0]?.digest}`)).text());
  };
  return {
    oidc,
    sigstore: bench.sigstore,
    registry: e2e.registry,
    home,
    release(version, inputs, more) {
      commits.set(version, checkout.commit({ 'one/rootfs/etc/version': version }));
      checkout.tag(`v${version}`);
      return again(version, inputs, more);
    },
    again,
    commit: (content) => checkout.commit({ 'one/rootfs/etc/version': content }),
    push: (sha, inputs = {}, more = {}) => run(sha, MAIN, inputs, more),
    move(inputs, more = {}) {
      claim(checkout.sha, MAIN, WORKFLOW);
      return runAction({
        workspace: checkout.folder,
        sha: checkout.sha,
        ref: MAIN,
        eventName: 'workflow_dispatch',
        temp: e2e.folder('runner'),
        inputs: { registry: e2e.registry.host, ...bench.instance, ...inputs },
        ...more,
        env: { PATH: '/nonexistent', GITHUB_WORKFLOW_REF: `${WORKFLOW}@${MAIN}`, ...oidc.env, ...more.env },
      });
    },
    at: (tag) => IMAGES.map((name) => e2e.registry.catalogue()[`acme/${name}`]?.tags[tag]),
    record,
    async forge(channel, change) {
      const at = channelHome(channel, { registry: e2e.registry.host, path: 'acme/one' });
      const document = (await record(channel)) as ChannelDocument;
      const { manifest, blobs } = encodeRecord(at, change({ ...document, signature: 'pending' }));
      const client = testClient();
      for (const blob of blobs) await client.putBlob(at.record.repository, blob);
      await client.putManifest(at.record, manifest);
    },
    cosignVerify: (ref, version) =>
      bench.cosign.verify(
        ref,
        ...bench.cosign.identity(`https://github.com/${releaser}@refs/tags/v${version}`),
      ),
    cosignRecord: (channel) =>
      bench.cosign.verify(
        `${home}/one:_channel-${channel}`,
        ...bench.cosign.identity(`https://github.com/${WORKFLOW}@${MAIN}`),
      ),
    dispose: () => bench.dispose(),
  };
}

export const digestsOf = ({ outputs }: ActionRun): readonly string[] =>
  Object.values(JSON.parse(outputs.digests ?? '{}')).map((hex) => `sha256:${hex}`);

export const promotionsOf = ({ outputs }: ActionRun): unknown =>
  JSON.parse(readFileSync(outputs.record ?? '', 'utf8')).promotions;
