import type { ModuleImage } from '../model/module-image.ts';
import { MODULE_SERVER } from './module-server.ts';

export type ModuleBuild = {
  /** A checked image reference. */
  readonly baseImage: string;
  /** The build has a context named `wheels`: pip installs from that folder alone. */
  readonly wheels: boolean;
};

/** Installed where the requirements do not name one: the SDK whose contract we publish by. */
const SDK = 'hla-compass==2.1.3';
const UI_IMAGE = 'node:20.19.6-alpine';
const WHEELS = '/tmp/wheels';

/**
 * The Dockerfile of a module that has none, in the shape of the platform's own tool; docs/module-images.md tells the
 * differences. Without a `# syntax` line, which would pull a frontend. What a module's author writes is in here in one place,
 * the entrypoint, whose form leaves no room for another instruction.
 */
export function moduleDockerfile(module: ModuleImage, build: ModuleBuild): string {
  const { requirements, ui, entrypoint } = module;
  const lines = [
    `ARG HLA_COMPASS_BASE_IMAGE=${build.baseImage}`,
    ...(ui === undefined ? [] : uiStage(ui.locked)),
    'FROM ${HLA_COMPASS_BASE_IMAGE}',
    'WORKDIR /app',
    ...(requirements?.sdk === true ? [] : [install(SDK, [], build)]),
    ...(requirements === undefined ? [] : [installRequirements(requirements, build)]),
    // It changes with each version, so it comes after what takes long.
    'COPY manifest.json /app/manifest.json',
    'COPY backend/ /app/backend/',
    ...(ui === undefined ? [] : ['COPY --from=ui /ui/dist /app/ui/dist']),
    'ENV PYTHONPATH=/app',
    `ENV HLA_COMPASS_MODULE=${entrypoint ?? ''}`,
    ...script('container-runner.py', RUNNER),
    ...script('container-serve.py', MODULE_SERVER),
    'EXPOSE 8080',
    'ENTRYPOINT ["python", "/app/container-runner.py"]',
  ];
  return `${lines.join('\n')}\n`;
}

/** Nothing is put in for `$` in its lines. */
function script(name: string, lines: readonly string[]): readonly string[] {
  return [`COPY <<'PYTHON' /app/${name}`, ...lines, 'PYTHON'];
}

/** At the path that the platform's own images have it. A module may start processes, which import it again. */
const RUNNER = [
  'from hla_compass.runtime.runner import main',
  '',
  'if __name__ == "__main__":',
  '    main()',
];

function uiStage(locked: boolean): readonly string[] {
  return [
    `ARG HLA_COMPASS_UI_IMAGE=${UI_IMAGE}`,
    'FROM ${HLA_COMPASS_UI_IMAGE} AS ui',
    'WORKDIR /ui',
    'COPY frontend/package*.json ./',
    `RUN npm ${locked ? 'ci' : 'install'} --legacy-peer-deps`,
    'COPY frontend/ ./',
    'RUN npm run build:all',
  ];
}

function installRequirements(
  { file, hashed }: NonNullable<ModuleImage['requirements']>,
  build: ModuleBuild,
): string {
  const mount = `--mount=type=bind,source=${file},target=/tmp/requirements.txt`;
  const hashes = hashed ? '--require-hashes ' : '';
  return install(`${hashes}--requirement /tmp/requirements.txt`, [mount], build);
}

/**
 * With SOURCE_DATE_EPOCH pip compiles files that are checked by a hash of their source and not by its time, which the release
 * sets to the commit's; it is the oldest time that a zip file can hold. pip itself is not compiled into the image.
 * https://peps.python.org/pep-0552/
 */
const ENVIRONMENT = 'PYTHONDONTWRITEBYTECODE=1 SOURCE_DATE_EPOCH=315532800';

function install(what: string, mounts: readonly string[], { wheels }: ModuleBuild): string {
  const all = wheels ? [...mounts, `--mount=type=bind,from=wheels,target=${WHEELS}`] : mounts;
  const index = wheels ? [`--no-index --find-links ${WHEELS}`] : [];
  const pip = 'python -m pip install --no-cache-dir --disable-pip-version-check';
  return ['RUN', ...all, ENVIRONMENT, pip, ...index, what].join(' ');
}
