import { describe, expect, it } from '@jest/globals';
import { parseInspect } from '../../../../src/steps/build/inspect-output.ts';

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

describe('docker buildx inspect', () => {
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
