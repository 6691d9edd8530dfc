import { describe, expect, it } from '@jest/globals';
import { emulatedForNothing, needsSeveralNodes } from '../../../../src/steps/build/nodes.ts';

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

describe('a platform that is emulated although a node is of it', () => {
  const both = ['linux/amd64', 'linux/arm64'];
  it.each<[string, string[], string[]]>([
    ['the first node emulates it', ['linux/amd64,linux/arm64', 'linux/arm64'], ['linux/arm64']],
    ['it was set by hand', ['linux/amd64,linux/arm64', 'linux/arm64*'], []],
    ['each has its own', ['linux/amd64', 'linux/arm64,linux/amd64'], []],
    ['nobody is of it', ['linux/amd64,linux/arm64'], []],
    ['nobody has it', ['linux/amd64'], []],
  ])('is told when %s', (_, nodes, told) => {
    expect(emulatedForNothing(nodes.map(node), both).map(({ platform }) => platform)).toEqual(told);
  });
});
