import { describe, expect, it } from '@jest/globals';
import { publicUri } from '../../../src/model/material.ts';

describe('the address of a material', () => {
  it.each([
    ['pkg:docker/alpine@3.20?platform=linux%2Famd64', 'pkg:docker/alpine@3.20?platform=linux%2Famd64'],
    ['pkg:docker/a/b?digest=sha256:00&token=x', 'pkg:docker/a/b?digest=sha256:00'],
    ['pkg:docker/a?password=x', 'pkg:docker/a'],
    ['pkg:oci/lay?digest=sha256:00#frag', 'pkg:oci/lay?digest=sha256:00'],
    ['https://user:pw@example.com/a.tgz?X-Signature=s#x', 'https://example.com/a.tgz#x'],
    [
      'https://tok@github.com/acme/app.git#refs/heads/main:dir',
      'https://github.com/acme/app.git#refs/heads/main:dir',
    ],
    ['https://example.com/a#access_token=abc&x=1', 'https://example.com/a'],
    ['git@github.com:acme/app.git#v1', 'ssh://github.com/acme/app.git#v1'],
    ['ssh://me:pw@example.com/x.git', 'ssh://example.com/x.git'],
    ['git+https://tok:x@example.com/x.git@v1', 'git+https://example.com/x.git@v1'],
  ])('is published without what could be a secret: %s', (text, expected) => {
    expect(publicUri(text)).toBe(expected);
  });

  it.each([
    ['local://context'],
    ['oci-layout://session@sha256:00'],
    ['/home/me/context'],
    ['file:///etc/passwd'],
    ['javascript:alert(1)'],
    ['https://example.com/a\nb'],
    ['https://example.com/\u202egnp'],
    [`https://example.com/${'a'.repeat(3000)}`],
    ['pkg:docker/user@host@1'],
    [''],
  ])('is not published when it is none for others: %s', (text) => {
    expect(publicUri(text)).toBeUndefined();
  });
});
