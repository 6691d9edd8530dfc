import { describe, expect, it } from '@jest/globals';
import {
  formatReference,
  formatRepository,
  isLoopback,
  isTag,
  parseReference,
  parseRepository,
  repositoryOf,
} from '../../../src/model/reference.ts';

const HEX = 'ab'.repeat(32);

describe('references', () => {
  it.each([
    ['ghcr.io/acme/app:1.2.3', 'ghcr.io/acme/app:1.2.3'],
    ['ghcr.io/acme/app', 'ghcr.io/acme/app:latest'],
    [`ghcr.io/acme/app@sha256:${HEX}`, `ghcr.io/acme/app@sha256:${HEX}`],
    [`ghcr.io/acme/app:1.2.3@sha256:${HEX}`, `ghcr.io/acme/app@sha256:${HEX}`],
    ['localhost/app:1', 'localhost/app:1'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['127.0.0.1:5000/a/b/c:t', '127.0.0.1:5000/a/b/c:t'],
    ['[::1]:5000/app:t', '[::1]:5000/app:t'],
    ['GHCR.io/acme/app:T', 'ghcr.io/acme/app:T'],
    ['alpine', 'docker.io/library/alpine:latest'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['acme/app:1', 'docker.io/acme/app:1'],
    ['docker.io/alpine', 'docker.io/library/alpine:latest'],
    ['index.docker.io/acme/app', 'docker.io/acme/app:latest'],
    ['registry-1.docker.io/library/alpine:3', 'docker.io/library/alpine:3'],
    ['ghcr.io/acme/a__b-c.d---e:_x', 'ghcr.io/acme/a__b-c.d---e:_x'],
  ])('reads %s as %s', (text, canonical) => {
    const reference = parseReference(text);
    expect(reference && formatReference(reference)).toBe(canonical);
  });

  it.each([
    '',
    ':tag',
    'ghcr.io/',
    'ghcr.io/Acme/app:1',
    'ghcr.io/acme/app:',
    'ghcr.io/acme/app:-x',
    'ghcr.io/acme/app:.x',
    `ghcr.io/acme/app:${'t'.repeat(129)}`,
    'ghcr.io/acme/app@sha256:abc',
    `ghcr.io/acme/app@sha512:${HEX}`,
    `ghcr.io/acme/app@sha256:${HEX.toUpperCase()}`,
    'ghcr.io/acme//app',
    'ghcr.io/acme/app/',
    'ghcr.io/acme/../app',
    'ghcr.io/acme/a___b',
    'ghcr.io/acme/-app',
    'ghcr.io/acme/app.:1',
    'ghcr.io/acme/app 1',
    'ghcr.io/acme/app:1\n',
    'https://ghcr.io/acme/app',
    'user@ghcr.io/acme/app',
    'ghcr.io:port/acme/app',
    `ghcr.io/${'a/'.repeat(128)}a`,
    `${'a'.repeat(300)}.io/acme/app`,
  ])('refuses %j', (text) => {
    expect(parseReference(text)).toBeUndefined();
  });

  it('has one value for every spelling of Docker Hub', () => {
    const spellings = [
      'docker.io',
      'index.docker.io',
      'registry-1.docker.io',
      'registry.hub.docker.com',
      'Docker.IO',
    ];
    for (const host of spellings) {
      expect(repositoryOf(host, 'alpine')).toEqual({ registry: 'docker.io', path: 'library/alpine' });
    }
    expect(repositoryOf('docker.io', 'acme/app')?.path).toBe('acme/app');
    expect(repositoryOf('ghcr.io', 'app')?.path).toBe('app');
  });

  it('takes the first part for a host only when it looks like one', () => {
    expect(parseRepository('acme/app')).toEqual({ registry: 'docker.io', path: 'acme/app' });
    expect(parseRepository('acme.io/app')).toEqual({ registry: 'acme.io', path: 'app' });
    expect(formatRepository(parseRepository('localhost/app')!)).toBe('localhost/app');
  });

  it.each<[string, boolean]>([
    ['1.2.3', true],
    ['_x', true],
    ['a'.repeat(128), true],
    ['a'.repeat(129), false],
    ['', false],
    ['-x', false],
    ['.x', false],
    ['a/b', false],
    ['ä', false],
    ['a\n', false],
  ])('tag %j: %s', (tag, valid) => {
    expect(isTag(tag)).toBe(valid);
  });

  it.each<[string, boolean]>([
    ['localhost', true],
    ['LOCALHOST:5000', true],
    ['127.0.0.1', true],
    ['127.8.9.10:443', true],
    ['[::1]:5000', true],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['10.0.0.1:5000', false],
    ['ghcr.io', false],
  ])('%s on loopback: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });
});
