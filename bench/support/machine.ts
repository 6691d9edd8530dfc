import { cpus, totalmem } from 'node:os';
import { measure } from './command.ts';

/** What the figures depend on, in one line. */
export async function machineFacts(): Promise<string> {
  const cores = cpus();
  const tools = await Promise.all([
    version('Docker', 'docker', ['version', '--format', '{{.Server.Version}}']),
    version('buildx', 'docker', ['buildx', 'version']),
    version('Trivy', 'trivy', ['--version']),
    version('crane', 'crane', ['version']),
    version('distribution', 'docker-registry', ['--version']),
  ]);
  return [
    new Date().toISOString().slice(0, 10),
    `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Node ${process.versions.node}`,
    ...tools,
  ]
    .filter((fact) => fact !== '')
    .join(' · ');
}

/** Empty where a program does not tell (Debian's crane). */
async function version(name: string, file: string, args: readonly string[]): Promise<string> {
  const { output } = await measure(file, args);
  const found = /\d+\.\d+(?:\.\d+)?/.exec(output);
  return found === null ? '' : `${name} ${found[0]}`;
}
