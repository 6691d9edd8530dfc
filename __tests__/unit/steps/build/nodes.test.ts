import { describe, expect, it } from '@jest/globals';
import { needsSeveralNodes } from '../../../../src/steps/build/nodes.ts';

const node = (text: string) => {
  const platforms = text.split(',').filter((each) => each !== '');
  return {
    name: 'n',
    endpoint: 'e',
    status: 'running',
    labels: {},
    platforms: platforms.map((each) => each.replace('*', '')),
    chosen: platforms.filter((each) => each.endsWith('*')).map((each) => each.replace('*', '')),
  };
};

describe('the nodes of a builder', () => {
  it.each<[string, string[], string[], boolean]>([
    ['one node with everything', ['linux/amd64,linux/arm64'], ['linux/amd64', 'linux/arm64'], false],
    ['one node, a platform by emulation', ['linux/amd64'], ['linux/amd64', 'linux/arm64'], false],
    ['a node for each', ['linux/amd64', 'linux/arm64'], ['linux/amd64', 'linux/arm64'], true],
    ['a node for each, one platform', ['linux/amd64', 'linux/arm64'], ['linux/arm64'], false],
    [
      'set by hand, although the first could do both',
      ['linux/amd64,linux/arm64', 'linux/arm64*'],
      ['linux/amd64', 'linux/arm64/v8'],
      true,
    ],
    [
      'two equal nodes',
      ['linux/amd64,linux/arm64', 'linux/amd64,linux/arm64'],
      ['linux/amd64', 'linux/arm64'],
      false,
    ],
    ['nodes that sleep', ['', ''], ['linux/amd64', 'linux/arm64'], false],
  ])('%s', (_, nodes, platforms, several) => {
    expect(needsSeveralNodes(nodes.map(node), platforms)).toBe(several);
  });
});
