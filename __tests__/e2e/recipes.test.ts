import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { yamlExamples } from '../helpers/docs.ts';
import { aRepository, type GitRepository } from '../helpers/git-repository.ts';
import { type RunningOidc, startOidc } from '../helpers/oidc/oidc.ts';
import { type RunningRegistry, startRegistry } from '../helpers/registry/registry.ts';
import { runAction } from '../helpers/run-action.ts';
import { type RunningSigstore, startSigstore } from '../helpers/sigstore/sigstore.ts';

const CONFIG = '.github/module-release.yml';
const WAIVERS = 'security/waivers.yml';
const examples = yamlExamples('README.md');
const configs = examples.filter(({ file }) => file === CONFIG);

const SCRATCH = 'FROM scratch\nCOPY Dockerfile* /\n';

/** Everything that the recipes speak of. */
const FILES = {
  Dockerfile: SCRATCH,
  'docker/base/Dockerfile': SCRATCH,
  'docker/runtime/Dockerfile': 'FROM base\n',
  'console/Dockerfile.prod': SCRATCH,
  'modules/parser/Dockerfile': SCRATCH,
  'modules/indexer/Dockerfile': SCRATCH,
  'docker-bake.hcl': 'group "default" { targets = ["app", "worker"] }\ntarget "app" {}\ntarget "worker" {}\n',
  [WAIVERS]: examples.find(({ file }) => file === WAIVERS)?.text ?? '',
};

const TAG = 'v1.2.3';

type Recipe = {
  readonly tag?: string;
  /** The job has `id-token: write`, and a Sigstore instance of its own. */
  readonly signs?: boolean;
  readonly makes: readonly string[];
  /** The channel that moves, if any. */
  readonly channel?: string;
};

/** By the heading of a recipe: the git tag, and the tags but for `sha-…` that its config makes of it. R1, R2: registries. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  'Several images': { makes: ['R1/acme/base:1.2.3', 'R1/acme/runtime:1.2.3', 'R1/acme/console:1.2.3'] },
  'A bake file': { makes: ['R1/acme/my-app:1.2.3', 'R1/acme/worker:1.2.3'] },
  'Two platforms': { makes: ['R1/acme/modules:1.2.3'] },
  'Several machines': { makes: ['R1/acme/modules:1.2.3'] },
  'Several registries': {
    makes: ['R1/acme/modules:1.2.3', 'R2/acme/modules:1.2.3', 'R3/acme/modules:1.2.3'],
  },
  'Several modules in one repository': { tag: 'parser/v1.2.3', makes: ['R1/acme/parser:1.2.3'] },
  'Extra tags': { makes: ['R1/acme/modules:1.2.3', 'R1/acme/modules:1.2', 'R1/acme/modules:latest'] },
  Waivers: { makes: ['R1/acme/modules:1.2.3'] },
  'Signed and attested': { signs: true, makes: ['R1/acme/modules:1.2.3'] },
  'Channels: promote and roll back': { makes: ['R1/acme/modules:1.2.3'], channel: 'prod' },
  'An image that another tool built': {
    makes: ['R1/acme/api:1.2.3', 'R1/acme/worker:1.2.3', 'R1/acme/proxy:1.2.3'],
  },
  'Without the internet, or through a mirror': { makes: ['R1/acme/modules:1.2.3'] },
};

describe('the recipes of README.md', () => {
  let registries: readonly RunningRegistry[];
  let repository: GitRepository;
  let oidc: RunningOidc;
  let sigstore: RunningSigstore;

  beforeAll(async () => {
    registries = await Promise.all([startRegistry(), startRegistry(), startRegistry()]);
    oidc = await startOidc();
    sigstore = await startSigstore({ issuer: oidc.url });
    const instance = {
      'security/signing-config.json': sigstore.signingConfig(),
      'security/trusted-root.json': sigstore.trustedRoot,
    };
    repository = aRepository({ files: { ...FILES, ...instance } });
  });

  afterAll(async () => {
    await Promise.all([oidc.stop(), sigstore.stop()]);
    await Promise.all(registries.map((registry) => registry.stop()));
    rmSync(repository.folder, { recursive: true, force: true });
  });

  it('are all tried', () => {
    expect([...new Set(configs.map(({ heading }) => heading))]).toEqual(Object.keys(RECIPES));
  });

  it.each(configs.map((example) => [example.where, example.heading, example.text] as const))(
    'can be planned as they stand: %s, %s',
    async (_, heading, text) => {
      const hosts = registries.map(({ host }) => host);
      const [first = '', second = '', third = ''] = hosts;
      const { tag = TAG, makes = [], signs = false, channel = '' } = RECIPES[heading] ?? {};
      const config = text.replace('[ghcr.io, docker.io, quay.io]', `[${first}, ${second}, ${third}]`);
      const sha = repository.commit({ [CONFIG]: config });
      oidc.setClaims({ sha });
      const run = await runAction({
        workspace: repository.folder,
        sha,
        ref: `refs/tags/${tag}`,
        inputs: { command: 'plan', ...(config === text ? { registry: first } : {}) },
        ...(signs ? { env: oidc.env } : {}),
      });
      rmSync(run.temp, { recursive: true, force: true });
      expect(run.log).not.toContain('::error');
      expect(run.outputs).toMatchObject({ status: 'planned', 'error-code': '', channel });
      const tags = hosts.reduce(
        (list, host, i) => list.replaceAll(`${host}/`, `R${i + 1}/`),
        run.outputs.tags ?? '',
      );
      const named = tags.split('\n').filter((each) => !each.includes(':sha-'));
      expect(named.toSorted()).toEqual(makes.toSorted());
      const attest = stepOf(run.outputs.plan, 'attest');
      expect(attest?.do).toBe(signs ? 'simulate' : 'skip');
    },
  );
});

function stepOf(plan: string | undefined, id: string): { readonly do: string } | undefined {
  const { steps = [] }: { steps?: readonly { id: string; do: string }[] } = JSON.parse(plan || '{}');
  return steps.find((step) => step.id === id);
}
