import { parsePlatform, samePlatform } from '../../model/descriptor.ts';
import type { BuilderNode } from './inspect-output.ts';

/**
 * Whether buildx would build these platforms on more than one node: each goes to the node for which it was set by hand, else
 * to the first that has it, else to the first. https://docs.docker.com/build/building/multi-platform/#multiple-native-nodes
 */
export function needsSeveralNodes(nodes: readonly BuilderNode[], platforms: readonly string[]): boolean {
  return new Set(platforms.map((platform) => Math.max(0, nodeOf(nodes, platform)))).size > 1;
}

function nodeOf(nodes: readonly BuilderNode[], platform: string): number {
  const byHand = nodes.findIndex(({ chosen }) => has(chosen, platform));
  return byHand >= 0 ? byHand : nodes.findIndex((node) => has(node.platforms, platform));
}

export type Emulated = {
  readonly platform: string;
  readonly by: string;
  /** The node that would not have to. */
  readonly native: string;
};

/**
 * Platforms that buildx gives to a node that emulates them, although another is of that platform: it takes the first that
 * can. A node names its own platform first, before those that it emulates.
 */
export function emulatedForNothing(
  nodes: readonly BuilderNode[],
  platforms: readonly string[],
): readonly Emulated[] {
  return platforms.flatMap((platform) => {
    const by = nodes[nodeOf(nodes, platform)];
    const native = nodes.find((node) => has(node.platforms.slice(0, 1), platform));
    if (by === undefined || native === undefined || by === native) return [];
    return has(by.chosen, platform) ? [] : [{ platform, by: by.name, native: native.name }];
  });
}

export function has(platforms: readonly string[], wanted: string): boolean {
  return platforms.some((platform) => same(platform, wanted));
}

function same(a: string, b: string): boolean {
  const [x, y] = [parsePlatform(a), parsePlatform(b)];
  return x !== undefined && y !== undefined && samePlatform(x, y);
}
