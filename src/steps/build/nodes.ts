import { parsePlatform, samePlatform } from '../../model/descriptor.ts';
import type { BuilderNode } from './inspect-output.ts';

/**
 * Whether buildx would build these platforms on more than one node: each goes to the node for which it was set by hand, else
 * to the first that has it, else to the first. https://docs.docker.com/build/building/multi-platform/#multiple-native-nodes
 */
export function needsSeveralNodes(nodes: readonly BuilderNode[], platforms: readonly string[]): boolean {
  const nodeOf = (platform: string): number => {
    const byHand = nodes.findIndex(({ chosen }) => has(chosen, platform));
    return byHand >= 0 ? byHand : nodes.findIndex((node) => has(node.platforms, platform));
  };
  return new Set(platforms.map((platform) => Math.max(0, nodeOf(platform)))).size > 1;
}

export function has(platforms: readonly string[], wanted: string): boolean {
  return platforms.some((platform) => same(platform, wanted));
}

function same(a: string, b: string): boolean {
  const [x, y] = [parsePlatform(a), parsePlatform(b)];
  return x !== undefined && y !== undefined && samePlatform(x, y);
}
