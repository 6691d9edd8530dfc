/** Brings up what a command needs on this machine, leaves alone what is fit already, and says what it is going to do. */
import { aptSystem, installPackages } from './apt.mjs';
import { buildkitImageMissing, provideBuildkitImage } from './buildkit-image.mjs';
import { binDir } from './cache.mjs';
import { daemonAnswers, startDaemon } from './docker.mjs';
import { findProgram, missingTools } from './find.mjs';
import { buildWithGo } from './go.mjs';
import { withLock } from './lock.mjs';
import { moduleBaseMissing, provideModuleBase } from './module-base.mjs';
import { installWithPip } from './python.mjs';
import { SetupError } from './run.mjs';
import { tools } from './tools.mjs';

export { binDir, SetupError };

/** @param command `demo`, `test`, `bench` or `setup` */
export async function setUp(command) {
  const state = await lookAround(command);
  if (state.ready) return;
  await withLock('setup', async () => {
    // The run that was waited for may have done everything.
    const { missing, daemon } = await lookAround(command);
    await install(command, missing);
    if (!daemon) await startDaemon();
    if (needsBuildkitImage(command) && (await buildkitImageMissing())) await provideBuildkitImage();
    if (buildsModules(command) && (await moduleBaseMissing())) await provideModuleBase();
  });
}

async function lookAround(command) {
  const daemon = await daemonAnswers();
  const wanted = tools.filter((tool) => tool.for.includes(command) && !(tool.onlyWithoutDaemon && daemon));
  const [missing, noImage, noBase] = await Promise.all([
    missingTools(wanted),
    daemon && needsBuildkitImage(command) ? buildkitImageMissing() : false,
    daemon && buildsModules(command) ? moduleBaseMissing() : false,
  ]);
  return { daemon, missing, ready: daemon && missing.length === 0 && !noImage && !noBase };
}

/** The tests run a builder of the docker-container driver, the demo does not. */
function needsBuildkitImage(command) {
  return command !== 'demo';
}

function buildsModules(command) {
  return command === 'test' || command === 'setup';
}

async function install(command, missing) {
  const by = (way) => missing.filter((tool) => wayToGet(tool, command) === way);
  if (by('none').length > 0) throw new SetupError(explain(command, by('none')));

  for (const tool of by('later')) console.error(tool.otherwise[command]);
  const packages = by('apt').flatMap((tool) => tool[aptSystem()]);
  if (packages.length > 0) await installPackages(packages);
  for (const tool of by('pip')) await installWithPip(tool.name, tool.python, tool.script);
  for (const tool of by('go')) await buildWithGo(tool.name, tool.go);

  const unfit = await missingTools([...by('apt'), ...by('pip'), ...by('go')]);
  if (unfit.length > 0) throw new SetupError(explain(command, unfit));
}

function wayToGet(tool, command) {
  const system = aptSystem();
  if (system && tool[system]) return 'apt';
  if (system && tool.python) return 'pip';
  if (system && tool.go && findProgram('go')) return 'go';
  return tool.otherwise?.[command] ? 'later' : 'none';
}

function explain(command, missing) {
  const lines = [
    `\`npm run ${command}\` needs the following on this machine, which has to be installed first:`,
  ];
  for (const tool of missing) lines.push(`  - ${tool.get}`);
  const system = aptSystem();
  if (!system && process.platform === 'linux')
    lines.push('As root on Debian, this script installs it by itself.');
  if (system && missing.some((tool) => tool.go))
    lines.push('Where Go is installed, this script builds its part of them.');
  return lines.join('\n');
}
