import { describe, expect, it } from '@jest/globals';
import { checkEmulation } from '../../../../src/steps/build/emulation.ts';
import { parsePrint } from '../../../../src/steps/survey/bake-print.ts';
import { AMD64, ARM64, aPlannedImage } from '../../../helpers/a-release.ts';
import { memoryFiles } from '../../../helpers/memory-files.ts';

const images = ['app', 'copied', 'inline', 'gone', 'remote'].map((name) =>
  aPlannedImage(name, { platforms: [AMD64, ARM64] }),
);
const target = {
  app: { context: 'app' },
  copied: { context: 'app', dockerfile: 'Copy.Dockerfile' },
  inline: { context: '.', 'dockerfile-inline': `FROM alpine\nRUN ${'x'.repeat(200)}\n` },
  gone: { context: 'app', dockerfile: 'none' },
  remote: { context: 'https://github.com/acme/app.git' },
};

function check(platforms: readonly string[]) {
  const files = memoryFiles();
  const put = (path: string, text: string) => files.tree.set(path, new TextEncoder().encode(text));
  put('/w/app/Dockerfile', 'FROM alpine\nRUN apk add curl\n');
  put('/w/app/Copy.Dockerfile', 'FROM alpine\nCOPY a /\n');
  const builder = { name: 'b', driver: 'docker-container', buildx: '0.29.1', platforms };
  const build = parsePrint(JSON.stringify({ target }), '/w');
  return checkEmulation(images, { build, builder, cwd: '/w' }, { files });
}

describe('a platform that the builder can neither build nor emulate', () => {
  it('is told with the image and the step that needs it', async () => {
    const problems = await check(['linux/amd64', 'linux/386']);
    expect(problems).toMatchObject([
      {
        code: 'BUILDER_UNFIT',
        message:
          'the builder b has no node for linux/arm64 and cannot emulate it, and app runs programs of it: RUN apk add curl',
        hint: expect.stringMatching(/docker\/setup-qemu-action.*`runners`/),
      },
      { message: expect.stringMatching(/inline runs programs of it: RUN x{76}…$/) },
    ]);
  });

  it('is none where the builder has it, or is asleep', async () => {
    expect(await check(['linux/amd64', 'linux/arm64'])).toEqual([]);
    expect(await check([])).toEqual([]);
  });
});
