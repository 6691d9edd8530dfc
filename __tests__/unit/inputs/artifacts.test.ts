import { describe, expect, it } from '@jest/globals';
import { accepted, CONFIG_FILE, messages, refused } from '../../helpers/read-door.ts';

describe('artifacts in the config file', () => {
  it('hold the records of channels where they say so', () => {
    const read = (keys: string) =>
      accepted({ config: `artifacts:\n  meta: { ${keys} }\n` }).channels.document;
    expect(read('channels-document: true')).toEqual({
      name: 'meta',
      artifactType: 'application/vnd.module-release.channel.v1+json',
      documentType: 'application/json',
    });
    expect(read('type: application/vnd.a.v1+json, layer-type: text/x.y, channels-document: true')).toEqual({
      name: 'meta',
      artifactType: 'application/vnd.a.v1+json',
      documentType: 'text/x.y',
    });
    expect(accepted({ config: 'namespace: acme\n' }).channels).not.toHaveProperty('document');
  });

  it.each([
    ['meta: {}', 'artifacts.meta', 'an artifact without `channels-document: true` is not supported'],
    ['meta: { channels-document: false }', 'artifacts.meta', 'is not supported by this version'],
    ['meta: { channels-document: 1 }', 'artifacts.meta.channels-document', 'true or false'],
    ['meta: { channels-document: true, type: json }', 'artifacts.meta.type', 'not a media type such as'],
    [
      'meta: { channels-document: true, layer-type: "a/b c" }',
      'artifacts.meta.layer-type',
      'a media type such as',
    ],
    [
      'meta: { channels-document: true, pack: { root: . } }',
      'artifacts.meta.pack',
      'not supported by this version',
    ],
    [
      'meta: { channels-document: true, layers: [] }',
      'artifacts.meta.layers',
      'not supported by this version',
    ],
    ['meta: { channels-document: true, tipe: x }', 'artifacts.meta.tipe', 'there is no such key'],
    ['A/b: { channels-document: true }', 'artifacts.A/b', 'is not'],
  ])('%s is told at its place', (artifact, place, message) => {
    const [first] = refused({ config: `artifacts:\n  ${artifact}\n` });
    expect(first?.message).toContain(`config \`${place}\`: `);
    expect(first?.message).toContain(message);
    expect(first?.at).toEqual({ file: CONFIG_FILE, line: 2 });
  });

  it.each([
    [
      'artifacts: { a: { channels-document: true }, b: { channels-document: true } }',
      'config `artifacts.b`: one artifact holds the records of all channels',
    ],
    [
      'images: { a: { context: . } }\nartifacts: { a: { channels-document: true } }',
      'config `artifacts.a`: "a" is an image, and the records need a repository of their own',
    ],
    [
      'channels: { channels: { when: manual } }\nartifacts: { a: { channels-document: true } }',
      'config `artifacts.a`: its tag "channels" is of all channels, and one channel has this name',
    ],
  ])('%s', (config, message) => {
    expect(messages({ config })).toEqual([message]);
  });
});
