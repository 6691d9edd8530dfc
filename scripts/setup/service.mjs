/** A server program that runs as long as a test needs it, and never longer than the process that started it. */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_SECONDS = 120;

/** Starts the program and waits until `answers()` is true. */
export async function startService(file, args, { answers }) {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const exited = new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve();
    });
    child.on('exit', resolve);
  });
  let ended = false;
  exited.then(() => (ended = true));

  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    child.kill('SIGTERM');
    const force = setTimeout(kill, 10_000);
    await exited;
    clearTimeout(force);
    process.removeListener('exit', kill);
  };

  for (
    const deadline = Date.now() + PATIENCE_SECONDS * 1000;
    !ended && Date.now() < deadline;
    await sleep(50)
  ) {
    if (await answers()) return { log: () => output, stop };
  }
  await stop();
  throw new Error(`${file} did not come up:\n${output.slice(-2000)}`);
}
