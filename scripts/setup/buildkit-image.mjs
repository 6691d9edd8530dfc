/**
 * Buildx's docker-container driver runs the image named below. Where it is neither present nor to be pulled, one is
 * made from the machine's own buildkitd, buildctl and runc: buildx falls back to a local image of that name.
 */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { findProgram } from './find.mjs';
import { logged, probe } from './run.mjs';

const IMAGE = 'moby/buildkit:buildx-stable-1';

const DOCKERFILE = `FROM scratch
COPY . /
ENV PATH=/usr/bin
VOLUME /var/lib/buildkit
ENTRYPOINT ["buildkitd"]
`;

export async function buildkitImageMissing() {
  return (await probe('docker', ['image', 'inspect', IMAGE])).code !== 0;
}

export async function provideBuildkitImage() {
  // Where the registry answers, buildx pulls the real image by itself when it is needed.
  if ((await probe('docker', ['manifest', 'inspect', IMAGE], { timeout: 8_000 })).code === 0) return;
  console.error(`Making the image ${IMAGE} from this machine's buildkitd, since it cannot be pulled.`);
  const context = mkdtempSync(join(tmpdir(), 'buildkit-image-'));
  try {
    for (const name of ['buildkitd', 'buildctl', 'runc']) await addProgram(context, name);
    // /tmp is needed by the daemon, and an empty folder is not copied.
    for (const folder of ['tmp', 'run']) addFile(context, join('/', folder, '.keep'));
    const dockerfile = join(context, '..', `${basename(context)}.Dockerfile`);
    writeFileSync(dockerfile, DOCKERFILE);
    const args = [
      'buildx',
      'build',
      '--builder',
      'default',
      '--load',
      '--tag',
      IMAGE,
      '--file',
      dockerfile,
      context,
    ];
    await logged('buildkit-image', 'docker', args).finally(() => rmSync(dockerfile));
  } finally {
    rmSync(context, { recursive: true });
  }
}

/** The program in /usr/bin, and the libraries it is linked with at the places where the loader looks for them. */
async function addProgram(root, name) {
  const program = findProgram(name);
  addFile(root, join('/usr/bin', name), program);
  const { output } = await probe('ldd', [program]);
  for (const [library] of output.matchAll(/\/\S+\.so\S*/g)) addFile(root, library, library);
}

function addFile(root, path, source) {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  if (source) copyFileSync(source, target);
  else writeFileSync(target, '');
}
