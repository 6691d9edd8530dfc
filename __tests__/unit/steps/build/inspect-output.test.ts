import { describe, expect, it } from '@jest/globals';
import { parseInspect } from '../../../../src/steps/build/inspect-output.ts';
import { has, needsSeveralNodes } from '../../../../src/steps/build/nodes.ts';

/** As buildx 0.29 prints it. */
const CONTAINERD = `Name:          default
Driver:        docker
Last Activity: 2026-11-21 14:47:50 +0000 UTC

Nodes:
Name:             default
Endpoint:         default
Status:           running
BuildKit version: v0.13.2
Platforms:        linux/amd64, linux/amd64/v2, linux/386
Labels:
 org.mobyproject.buildkit.worker.containerd.namespace: moby
 org.mobyproject.buildkit.worker.snapshotter:          overlayfs
`;

const TWO_NODES = `Name:          farm
Driver:        remote
Last Activity: 2026-11-21 14:47:50 +0000 UTC

Nodes:
Name:                  farm0
Endpoint:              tcp://10.0.0.1:1234
Status:                running
BuildKit daemon flags: --allow-insecure-entitlement=network.host
BuildKit version:      v0.27.0
Platforms:             linux/amd64*, linux/386
Labels:
 org.mobyproject.buildkit.worker.executor: oci
GC Policy rule#0:
 All:            false
 Filters:        type==source.local

Name:     farm1
Endpoint: tcp://10.0.0.2:1234
Error:    failed to list workers: connection refused
`;

const NO_DAEMON = `Name:          default
Driver:
Last Activity: 2026-11-21 15:07:28 +0000 UTC
Error:         Cannot connect to the Docker daemon at unix:///nope. Is the docker daemon running?
`;

/** A `kubernetes` builder: every pod is a node, under the name of the pod; the platforms of its node pool set by hand. */
const PODS = `Name:          kube
Driver:        kubernetes
Last Activity: 2026-11-21 14:47:50 +0000 UTC

Nodes:
Name:                  kube0-6977cdcb75-48ld2
Endpoint:              kubernetes:///kube?deployment=kube0&kubeconfig=
Driver Options:        image="moby/buildkit:v0.27.0" namespace="buildkit" nodeselector="kubernetes.io/arch=amd64" replicas="2"
Status:                running
BuildKit daemon flags: --allow-insecure-entitlement=network.host
BuildKit version:      v0.27.0
Platforms:             linux/amd64*, linux/amd64/v2, linux/386

Name:                  kube0-6977cdcb75-rkc6b
Endpoint:              kubernetes:///kube?deployment=kube0&kubeconfig=
Driver Options:        image="moby/buildkit:v0.27.0" namespace="buildkit" nodeselector="kubernetes.io/arch=amd64" replicas="2"
Status:                running
BuildKit version:      v0.27.0
Platforms:             linux/amd64*, linux/amd64/v2, linux/386

Name:                  kube1-5c8b7d6f9d-x2x7k
Endpoint:              kubernetes:///kube?deployment=kube1&kubeconfig=
Driver Options:        nodeselector="kubernetes.io/arch=arm64" namespace="buildkit"
Status:                running
BuildKit version:      v0.27.0
Platforms:             linux/arm64*, linux/arm/v7
Labels:
 org.mobyproject.buildkit.worker.executor: oci
`;

describe('docker buildx inspect', () => {
  it('is read pod by pod for a kubernetes builder', () => {
    const builder = parseInspect(PODS);
    expect(builder).toMatchObject({ name: 'kube', driver: 'kubernetes' });
    expect(builder?.nodes.map(({ name, chosen, status }) => [name, chosen, status])).toEqual([
      ['kube0-6977cdcb75-48ld2', ['linux/amd64'], 'running'],
      ['kube0-6977cdcb75-rkc6b', ['linux/amd64'], 'running'],
      ['kube1-5c8b7d6f9d-x2x7k', ['linux/arm64'], 'running'],
    ]);
    const nodes = builder?.nodes ?? [];
    expect(needsSeveralNodes(nodes, ['linux/amd64', 'linux/386'])).toBe(false);
    expect(needsSeveralNodes(nodes, ['linux/amd64', 'linux/arm64'])).toBe(true);
    expect(has(nodes[2]?.platforms ?? [], 'linux/arm/v7')).toBe(true);
  });

  it('is read with nodes, platforms and labels', () => {
    expect(parseInspect(CONTAINERD)).toEqual({
      name: 'default',
      driver: 'docker',
      nodes: [
        {
          name: 'default',
          endpoint: 'default',
          status: 'running',
          buildkit: 'v0.13.2',
          platforms: ['linux/amd64', 'linux/amd64/v2', 'linux/386'],
          chosen: [],
          labels: {
            'org.mobyproject.buildkit.worker.containerd.namespace': 'moby',
            'org.mobyproject.buildkit.worker.snapshotter': 'overlayfs',
          },
        },
      ],
    });
  });

  it('is read node by node, platforms set by hand and errors included', () => {
    const builder = parseInspect(TWO_NODES);
    expect(builder).toMatchObject({ name: 'farm', driver: 'remote' });
    expect(builder?.nodes).toMatchObject([
      { name: 'farm0', platforms: ['linux/amd64', 'linux/386'], chosen: ['linux/amd64'], status: 'running' },
      { name: 'farm1', platforms: [], status: '', error: 'failed to list workers: connection refused' },
    ]);
    expect(builder?.nodes[0]?.labels).toMatchObject({ 'org.mobyproject.buildkit.worker.executor': 'oci' });
  });

  it('is read when there is no daemon', () => {
    expect(parseInspect(NO_DAEMON)).toMatchObject({
      driver: '',
      nodes: [],
      error: expect.stringContaining('Cannot connect to the Docker daemon'),
    });
  });

  it.each(['', 'ERROR: no builder "x" found', 'Driver: docker'])('is nothing without a name: %s', (text) => {
    expect(parseInspect(text)).toBeUndefined();
  });
});
