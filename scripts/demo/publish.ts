import { generateKeyPairSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { aRepository } from '../../__tests__/helpers/git-repository.ts';
import { COMPLETED } from '../../__tests__/helpers/publish-platform/jobs.ts';
import { type RunningPlatform, startPlatform } from '../../__tests__/helpers/publish-platform/platform.ts';
import { ROOT } from '../../__tests__/helpers/run-action.ts';
import { watch } from './checks.ts';
import type { LiveRun } from './live.ts';
import { heading, say } from './screen.ts';
import type { SetStage } from './stage.ts';

const TAG = 'v1.0.0';
const TOKEN = 'token-of-the-demo';
const DOCKERFILE = 'FROM scratch\nCOPY manifest.json /app/\nCOPY backend/ /app/backend/\n';

/** A module is released and told to a platform; its tag once more; and a namespace that the platform does not allow. */
export async function publish(set: SetStage): Promise<LiveRun> {
  heading('A module that is published: `publish: true`');
  const { checks, registry, run } = set;
  const platform = await startPlatform({ token: TOKEN, allowed: [`${registry.host}/acme/`] });
  set.later(() => platform.stop());
  platform.jobs.courses = [COMPLETED];
  const repository = aRepository({
    copyFrom: join(ROOT, 'examples/module'),
    files: { Dockerfile: DOCKERFILE },
    tags: [TAG],
  });
  set.later(() => rmSync(repository.folder, { recursive: true, force: true }));
  say(
    `examples/module is a module of HLA-Compass. A small platform stands in for the real one at ${platform.url}: it is asked by a dry run
    before the build, told by digest after the tag, and watched until its intake has ended. The manifest is signed with a key of this demo.`,
  );
  const inputs = {
    publish: 'true',
    'publish-url': platform.url,
    'publish-token': TOKEN,
    'publish-key': aKey(),
    namespace: 'acme',
  };
  const release = (more = {}) => run(TAG, repository.sha, { ...inputs, ...more }, repository);
  const first = await release();
  console.log();
  expectPublished(set, platform, first);

  say(
    'The same tag once more: what is published is known by a note beside the image, and nothing is sent again.',
  );
  const second = await release();
  console.log();
  checks.expect(
    'The run is green and says unchanged.',
    second.exitCode === 0 && second.outputs['publish-status'] === 'unchanged',
    `exit code ${second.exitCode}, ${second.outputs['publish-status']}`,
  );
  checks.expect('The module was published once.', posts(platform) === 1, `${posts(platform)} times`);

  say(
    'And a namespace that the organization has not registered: the dry run finds it before anything is built.',
  );
  const since = watch(registry);
  const refused = await release({ namespace: 'strangers' });
  console.log();
  checks.expect(
    'The run is red, with the code REGISTRY_UNAUTHORIZED.',
    refused.exitCode !== 0 && refused.outputs['error-code'] === 'REGISTRY_UNAUTHORIZED',
    `exit code ${refused.exitCode}, ${refused.outputs['error-code']}`,
  );
  checks.expect('The registry was not written to.', since.writes().length === 0, since.writes().join(', '));
  return first;
}

function expectPublished({ checks, registry }: SetStage, platform: RunningPlatform, run: LiveRun): void {
  const { exitCode, outputs } = run;
  checks.expect(
    'The run is green, and the module is published.',
    exitCode === 0 && outputs['publish-status'] === 'published',
    `exit code ${exitCode}, ${outputs['publish-status'] || outputs['error-code']}`,
  );
  const [job] = platform.jobs.all;
  const digest = registry.catalogue()['acme/peptide-lengths']?.tags['1.0.0'];
  checks.expect(
    'The platform was told of it by the digest that the tag 1.0.0 has.',
    digest !== undefined && job?.imageRef.endsWith(`@${digest}`) === true,
    `${job?.imageRef}`,
  );
  const [dryRun] = platform.requests;
  checks.expect(
    'The first thing that it heard was a dry run.',
    dryRun?.body.includes('"dryRun": true') === true,
    'another request',
  );
}

function posts(platform: RunningPlatform): number {
  return platform.publishes().length;
}

function aKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 4096 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
