import { describe, expect, it } from '@jest/globals';
import type { ModuleImage } from '../../../src/model/module-image.ts';
import { type ModuleBuild, moduleDockerfile } from '../../../src/plan/module-dockerfile.ts';

const BASE = 'ghcr.io/acme/runtime:py311';
const PLAIN = { file: 'backend/requirements.txt', hashed: false, sdk: true };

/** Its instructions, a line each. */
function linesOf(change: Partial<ModuleImage> = {}, build: Partial<ModuleBuild> = {}): readonly string[] {
  const module = { manifestPath: 'manifest.json', entrypoint: 'backend.main:Module', ...change };
  const text = moduleDockerfile(module, { baseImage: BASE, wheels: false, ...build });
  expect(text.endsWith('\n')).toBe(true);
  return text.trimEnd().split('\n');
}

const installs = (lines: readonly string[]) =>
  lines.filter((line) => line.includes(' pip install ')).map((line) => line.replace(/^.*? pip install /, ''));

const OPTIONS = '--no-cache-dir --disable-pip-version-check';

describe('the Dockerfile of a module', () => {
  it('has the shape of the one that the platform makes', () => {
    const lines = linesOf({ requirements: PLAIN });
    const words = lines.map((line) => (line.startsWith('RUN ') ? 'RUN' : line));
    const serve = words.indexOf("COPY <<'PYTHON' /app/container-serve.py");
    const server = words.splice(serve + 1, words.lastIndexOf('PYTHON') - serve - 1);
    expect(server).not.toContain('PYTHON');
    expect(words).toEqual([
      `ARG HLA_COMPASS_BASE_IMAGE=${BASE}`,
      'FROM ${HLA_COMPASS_BASE_IMAGE}',
      'WORKDIR /app',
      'RUN',
      'COPY manifest.json /app/manifest.json',
      'COPY backend/ /app/backend/',
      'ENV PYTHONPATH=/app',
      'ENV HLA_COMPASS_MODULE=backend.main:Module',
      "COPY <<'PYTHON' /app/container-runner.py",
      'from hla_compass.runtime.runner import main',
      '',
      'if __name__ == "__main__":',
      '    main()',
      'PYTHON',
      "COPY <<'PYTHON' /app/container-serve.py",
      'PYTHON',
      'EXPOSE 8080',
      'ENTRYPOINT ["python", "/app/container-runner.py"]',
    ]);
  });

  it('has no syntax line, for which a frontend would be pulled', () => {
    expect(linesOf().filter((line) => line.startsWith('#'))).toEqual([]);
  });

  it.each<[string, ModuleImage['requirements'], readonly string[]]>([
    ['no requirements', undefined, [`${OPTIONS} hla-compass==2.1.3`]],
    ['requirements with the SDK', PLAIN, [`${OPTIONS} --requirement /tmp/requirements.txt`]],
    [
      'requirements without the SDK',
      { ...PLAIN, sdk: false },
      [`${OPTIONS} hla-compass==2.1.3`, `${OPTIONS} --requirement /tmp/requirements.txt`],
    ],
    [
      'a lock with hashes',
      { file: 'backend/requirements.lock.txt', hashed: true, sdk: true },
      [`${OPTIONS} --require-hashes --requirement /tmp/requirements.txt`],
    ],
  ])('installs %s', (_, requirements, expected) => {
    const lines = linesOf(requirements === undefined ? {} : { requirements });
    expect(installs(lines)).toEqual(expected);
    const mounts = lines.join('\n').match(/--mount=\S+/g) ?? [];
    expect(mounts).toEqual(
      requirements === undefined
        ? []
        : [`--mount=type=bind,source=${requirements.file},target=/tmp/requirements.txt`],
    );
  });

  it('installs from a named context of wheels, and from nowhere else', () => {
    const lines = linesOf({ requirements: { ...PLAIN, sdk: false } }, { wheels: true });
    const runs = lines.filter((line) => line.startsWith('RUN '));
    expect(runs).toHaveLength(2);
    for (const run of runs) {
      expect(run).toContain('--mount=type=bind,from=wheels,target=/tmp/wheels');
      expect(run).toContain('--no-index --find-links /tmp/wheels');
    }
  });

  it.each([
    [true, 'RUN npm ci --legacy-peer-deps'],
    [false, 'RUN npm install --legacy-peer-deps'],
  ])('builds the user interface in a stage of its own, with a lock: %j', (locked, install) => {
    const lines = linesOf({ ui: { locked } });
    const stage = lines.slice(1, lines.indexOf('FROM ${HLA_COMPASS_BASE_IMAGE}'));
    expect(stage).toEqual([
      'ARG HLA_COMPASS_UI_IMAGE=node:20.19.6-alpine',
      'FROM ${HLA_COMPASS_UI_IMAGE} AS ui',
      'WORKDIR /ui',
      'COPY frontend/package*.json ./',
      install,
      'COPY frontend/ ./',
      'RUN npm run build:all',
    ]);
    expect(lines).toContain('COPY --from=ui /ui/dist /app/ui/dist');
  });
});
