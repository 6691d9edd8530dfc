import { expect, it } from '@jest/globals';
import { parseFrom, resolveFrom } from '../../../src/inputs/from.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

it.each([
  ['docker-daemon:my-image:1.2', { kind: 'docker-daemon', reference: 'my-image:1.2' }],
  [`docker-daemon:${DIGEST}`, { kind: 'docker-daemon', reference: DIGEST }],
  ['oci-layout:out/layout', { kind: 'oci-layout', path: 'out/layout' }],
  ['oci-archive:out/image.tar', { kind: 'oci-archive', path: 'out/image.tar' }],
  ['docker-archive:/tmp/a b;c.tar', { kind: 'docker-archive', path: '/tmp/a b;c.tar' }],
  [`registry:ghcr.io/acme/x@${DIGEST}`, { kind: 'registry', reference: `ghcr.io/acme/x@${DIGEST}` }],
  ['registry:ghcr.io/acme/x:1.2', undefined],
  ['docker-daemon:--format', undefined],
  ['docker-daemon:', undefined],
  ['oci-layout:', undefined],
  ['oci-layout:a\0b', undefined],
  ['podman:x', undefined],
  ['image', undefined],
  ['__proto__:x', undefined],
])('%j → %j', (text, source) => {
  expect(parseFrom(text)).toEqual(source);
});

it('makes paths absolute and leaves references alone', () => {
  expect(resolveFrom({ kind: 'oci-layout', path: 'out' }, '/w/m')).toEqual({
    kind: 'oci-layout',
    path: '/w/m/out',
  });
  const daemon = { kind: 'docker-daemon', reference: 'x' } as const;
  expect(resolveFrom(daemon, '/w')).toBe(daemon);
});
