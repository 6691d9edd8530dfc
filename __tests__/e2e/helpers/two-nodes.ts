import { type Buildkitd, startBuildkitd } from '../../../scripts/setup/buildkitd.mjs';
import { judge } from './judges.ts';

/** One builder of two nodes, each with a processor of its own, as two machines would be. */
export async function twoNodes(
  name: string,
): Promise<{ readonly name: string; readonly nodes: readonly Buildkitd[]; stop(): Promise<void> }> {
  const nodes = [await startBuildkitd(), await startBuildkitd()] as const;
  const create = ['buildx', 'create', '--name', name, '--driver', 'remote', '--platform'];
  await judge('docker', ...create, 'linux/amd64', nodes[0].addr);
  await judge('docker', ...create, 'linux/arm64', '--append', nodes[1].addr);
  return {
    name,
    nodes,
    async stop() {
      await judge('docker', 'buildx', 'rm', '--force', name);
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
