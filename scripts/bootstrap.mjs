/**
 * `node scripts/bootstrap.mjs demo|test|bench|setup [arguments]`: what every npm script starts with.
 * Runs on the Node of the machine (20 or newer) without any package; installs the packages, sets up the machine, and
 * goes on in the project's own Node 24, which runs TypeScript as it is.
 */
import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { binDir, SetupError, setUp } from './setup/index.mjs';
import { nodePath, providePackages, repository } from './setup/packages.mjs';

const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
];

const entries = {
  demo: ['scripts/demo.ts'],
  test: JEST,
  bench: ['bench/run.ts'],
  setup: undefined,
};

const [command = '', ...args] = process.argv.slice(2);

if (!Object.hasOwn(entries, command)) {
  console.error(`Usage: node scripts/bootstrap.mjs ${Object.keys(entries).join('|')} [arguments]`);
  process.exit(2);
}

// Ends by exit(), so that locks and other traces of an unfinished setup are removed.
const leave = () => process.exit(130);
process.on('SIGINT', leave).on('SIGTERM', leave);

try {
  await providePackages();
  await setUp(command);
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}

const entry = entries[command];
if (entry) goOn([...entry, ...args]);
else console.error('This machine is set up.');

/** Hands over to Node 24; its end, by code or by signal, is ours. */
function goOn(argv) {
  const path = [binDir, dirname(nodePath), process.env.PATH].join(delimiter);
  const child = spawn(nodePath, argv, {
    cwd: repository,
    env: { ...process.env, PATH: path },
    stdio: 'inherit',
  });
  process.off('SIGINT', leave).off('SIGTERM', leave);
  // A terminal sends its interrupt to both of us; what is sent to this process alone is passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (!signal) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
