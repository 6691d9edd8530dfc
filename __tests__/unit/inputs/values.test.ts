import { describe, expect, it } from '@jest/globals';
import * as values from '../../../src/inputs/values.ts';

/** What a schema makes of a text, or the allowed form that it names. */
function outcome(
  schema: {
    safeParse(text: unknown): { success: boolean; data?: unknown; error?: { issues: { message: string }[] } };
  },
  text: unknown,
): unknown {
  const result = schema.safeParse(text);
  return result.success ? result.data : { is: result.error?.issues.map((issue) => issue.message).join('; ') };
}

const DURATION = { is: 'a duration such as 5m0s, 10m or 300s (more than 0, at most 24h)' };
const NAME = 'a lower-case image name such as my-module';
const HOST = 'a registry host such as ghcr.io or 127.0.0.1:5000';
const PATH = 'a lower-case path such as acme or acme/modules';
const PREFIX = { is: 'a tag prefix such as v, my-module/v or */v, or none' };
const URL_FORM = {
  is: 'an http or https URL without credentials and query, such as https://mirror.example.com/tools',
};

describe('duration', () => {
  it.each([
    ['5m0s', 300],
    ['10m', 600],
    ['300s', 300],
    ['1h30m', 5400],
    ['1.5m', 90],
    ['1500ms', 2],
    ['24h', 86_400],
    ['5', DURATION],
    ['', DURATION],
    ['0s', DURATION],
    ['-5m', DURATION],
    ['5 m', DURATION],
    ['5m\n', DURATION],
    ['25h', DURATION],
    ['1d', DURATION],
    ['9'.repeat(10_000), DURATION],
  ])('%j → %j', (text, expected) => {
    expect(outcome(values.duration(), text)).toEqual(expected);
  });
});

describe('imageName', () => {
  it.each([
    ['my-module', 'my-module'],
    ['a.b_c__d--e1', 'a.b_c__d--e1'],
    ['My Module', { is: `${NAME}; write "my-module"` }],
    ['acme/module', { is: `${NAME}; write "acme-module"` }],
    ['-x-', { is: `${NAME}; write "x"` }],
    ['a'.repeat(129), { is: NAME }],
    ['$(rm -rf /)', { is: `${NAME}; write "rm--rf"` }],
    ['模块', { is: NAME }],
  ])('%j → %j', (text, expected) => {
    expect(outcome(values.imageName(), text)).toEqual(expected);
  });
});

describe('repositoryPath', () => {
  it.each([
    ['acme', 'acme'],
    ['acme/modules', 'acme/modules'],
    ['Acme/Modules', { is: `${PATH}; write "acme/modules"` }],
    ['/acme/', { is: `${PATH}; write "acme"` }],
    ['../acme', { is: `${PATH}; write "acme"` }],
    ['///', { is: PATH }],
  ])('%j → %j', (text, expected) => {
    expect(outcome(values.repositoryPath(), text)).toEqual(expected);
  });
});

describe('registryHost', () => {
  it.each([
    ['ghcr.io', 'ghcr.io'],
    ['GHCR.io', 'ghcr.io'],
    ['127.0.0.1:5000', '127.0.0.1:5000'],
    ['[::1]:5000', '[::1]:5000'],
    ['localhost', 'localhost'],
    ['index.docker.io', 'docker.io'],
    ['https://ghcr.io/', { is: `${HOST}; write "ghcr.io"` }],
    ['ghcr.io/acme', { is: `${HOST}; write "ghcr.io"` }],
    ['user@host', { is: HOST }],
    ['-flag', { is: HOST }],
    ['a b', { is: HOST }],
  ])('%j → %j', (text, expected) => {
    expect(outcome(values.registryHost(), text)).toEqual(expected);
  });
});

describe('tagPrefix', () => {
  it.each([
    ['v', 'v'],
    ['release-', 'release-'],
    ['my-module/v', 'my-module/v'],
    ['modules/my-module/', PREFIX],
    ['*/v', '*/v'],
    ['none', ''],
    ['v*', PREFIX],
    ['*/*/v', PREFIX],
    ['-v', PREFIX],
    ['a..b', PREFIX],
    ['v v', PREFIX],
    ['v\n', PREFIX],
    ['a~b', PREFIX],
    ['x'.repeat(201), PREFIX],
  ])('%j → %j', (text, expected) => {
    expect(outcome(values.tagPrefix(), text)).toEqual(expected);
  });
});

describe('baseUrl', () => {
  it.each([
    ['https://mirror.example.com/tools/', 'https://mirror.example.com/tools'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['https://user:secret@example.com', URL_FORM],
    ['https://example.com/?token=x', URL_FORM],
    ['file:///etc', URL_FORM],
    ['mirror', URL_FORM],
  ])('%j → %j', (text, expected) => {
    expect(outcome(values.baseUrl(), text)).toEqual(expected);
  });
});

it.each([
  ['ghcr.io/aquasecurity/trivy-db:2', 'ghcr.io/aquasecurity/trivy-db:2'],
  ['127.0.0.1:5000/trivy-db', '127.0.0.1:5000/trivy-db:2'],
  [`127.0.0.1:5000/db@sha256:${'a'.repeat(64)}`, `127.0.0.1:5000/db@sha256:${'a'.repeat(64)}`],
  ['--insecure', { is: 'an OCI repository such as ghcr.io/aquasecurity/trivy-db:2' }],
])('databaseRepository %j → %j', (text, expected) => {
  expect(outcome(values.databaseRepository(), text)).toEqual(expected);
});

it.each([
  ['0.67.2', '0.67.2'],
  ['v0.67.2', '0.67.2'],
  ['0.67', { is: 'a version such as 0.67.2' }],
  ['latest', { is: 'a version such as 0.67.2' }],
  ['../../x', { is: 'a version such as 0.67.2' }],
])('toolVersion %j → %j', (text, expected) => {
  expect(outcome(values.toolVersion('0.67.2'), text)).toEqual(expected);
});

it('says that numbers and booleans are no text', () => {
  expect(outcome(values.imageName(), 3)).toEqual({ is: 'text' });
  expect(outcome(values.path(), true)).toEqual({ is: 'text' });
});
