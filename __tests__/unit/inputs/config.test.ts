import { describe, expect, it } from '@jest/globals';
import { accepted, CONFIG_FILE, messages, refused } from '../../helpers/read-door.ts';

describe('keys of the config file', () => {
  it.each([
    ['severitty: HIGH', 'config `severitty`: there is no such key', 'Did you mean `severity`?', 1],
    [
      'a: 1',
      'config `a`: there is no such key',
      expect.stringMatching(/^Known keys: working-directory, /),
      1,
    ],
    [
      'gate:\n  severety: HIGH',
      'config `gate.severety`: there is no such key',
      'Did you mean `severity`?',
      2,
    ],
    [
      'gate:\n  platforms: x',
      'config `gate.platforms`: there is no such key',
      expect.stringMatching(/^Known keys: /),
      2,
    ],
    [
      'bake:\n  file: a.hcl\n  tragets: [x]',
      'config `bake.tragets`: there is no such key',
      'Did you mean `targets`?',
      3,
    ],
    [
      'images:\n  a:\n    contxt: .',
      'config `images.a.contxt`: there is no such key',
      'Did you mean `context`?',
      3,
    ],
    [
      'password: x',
      'config `password`: it may not stand in the config file',
      'Set the input `password` in the workflow.',
      1,
    ],
    [
      'command: plan',
      'config `command`: it may not stand in the config file',
      'Set the input `command` in the workflow.',
      1,
    ],
    [
      'gate:\n  trivy-path: /x',
      'config `gate.trivy-path`: it may not stand in the config file',
      expect.any(String),
      2,
    ],
    ['pins: {}\n', 'config `pins`: it is not supported by this version', 'Remove the key.', 1],
    [
      'x: 1\nretention:\n  - a\n',
      'config `retention`: it is not supported by this version',
      'Remove the key.',
      2,
    ],
    ['__proto__: 1', 'config `__proto__`: there is no such key', expect.any(String), 1],
    ['constructor: 1', 'config `constructor`: there is no such key', expect.any(String), 1],
    ['"a\\nb\\e[1m": 1', 'config `a\\nb\\u001b[1m`: there is no such key', expect.any(String), 1],
  ])('%j', (config, message, hint, line) => {
    const problem = refused({ config }).find((p) => p.message === message);
    expect(problem).toEqual({ code: 'INPUT_INVALID', message, hint, at: { file: CONFIG_FILE, line } });
  });

  it.each([
    'dry-run',
    'github-token',
    'registry-auth',
    'secrets',
    'syft-path',
    'registry-insecure',
    'config',
  ])('%s may only stand in the workflow', (name) => {
    expect(messages({ config: `${name}: x` })).toEqual([
      `config \`${name}\`: it may not stand in the config file`,
    ]);
  });
});

describe('values of the config file', () => {
  it('takes lists, maps and booleans, or the text that the workflow would take', () => {
    const data = accepted({
      config: `
platforms: [linux/amd64, linux/arm64]
severity: [LOW]
ignore-unfixed: true
manifest: false
build-args: { A: "1", B: "x=y" }
labels: { com.example.team: core }
annotations: { "index:a": b, c: d }
tags: ["type=sha"]
tool-checksums: { x.tar.gz: ${'a'.repeat(64)} }
cache-from: [ "type=gha,scope=a" ]
`,
    });
    const text = accepted({
      config: `
platforms: linux/amd64,linux/arm64
severity: LOW
ignore-unfixed: "true"
manifest: "false"
build-args: |
  A=1
  B=x=y
labels: [com.example.team=core]
annotations: ["index:a=b", c=d]
tags: type=sha
tool-checksums: ${'a'.repeat(64)} x.tar.gz
cache-from: type=gha,scope=a
`,
    });
    expect(data).toEqual(text);
    expect(data.build.definition).toMatchObject({ images: [{ args: { A: '1', B: 'x=y' } }] });
    expect(data.version.annotations).toEqual([
      { levels: ['index'], key: 'a', value: 'b' },
      { levels: ['index', 'manifest'], key: 'c', value: 'd' },
    ]);
    expect(data.tools.checksums).toEqual({ 'x.tar.gz': 'a'.repeat(64) });
  });

  it.each([
    ['version: 1.20', 'config `version`: 1.2 is not text', 'Put the value in quotes.'],
    ['build-args: {A: 1}', 'config `build-args`: "A": 1 is not text', 'Put the value in quotes.'],
    [
      'severity: [HIGH, 3]',
      'config `severity`: 3 is not one of UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL',
      undefined,
    ],
    ['severity: {a: b}', 'config `severity`: a map is not a list', undefined],
    ['platforms: [[linux/amd64]]', 'config `platforms`: a list is not text', undefined],
    ['pull: yes', 'config `pull`: "yes" is not true or false', undefined],
    ['pull: 1', 'config `pull`: 1 is not true or false', undefined],
    ['context: [.]', 'config `context`: a list is not text', undefined],
    [
      'context: "a\\0b"',
      'config `context`: "a\\0b" is not a path (at most 4096 characters, no null bytes)',
      undefined,
    ],
    ['labels: [a=b, c]', 'config `labels`: "c" is not of the form key=value', undefined],
    ['labels: [{a: b}]', 'config `labels`: "{"a":"b"}" is not of the form key=value', undefined],
    ['labels: {"a b": c}', 'config `labels`: "a b" is not a key without blanks', undefined],
    ['labels: {"__proto__": c}', 'config `labels`: "__proto__" is not a key without blanks', undefined],
    ['labels: {a: "x\\0"}', 'config `labels`: "a": "x\\0" is not text without null bytes', undefined],
    [
      'tool-checksums: {a: b}',
      'config `tool-checksums`: "a": "b" is not a SHA-256 of 64 lower-case hex digits',
      undefined,
    ],
    [
      'severity: HIHG',
      'config `severity`: "HIHG" is not one of UNKNOWN, LOW, MEDIUM, HIGH, CRITICAL',
      'Did you mean HIGH?',
    ],
    ['gate: x', 'config `gate`: "x" is not a map', undefined],
    ['images: [a]', 'config `images`: a list is not a map', undefined],
    ['images: {a: 3}', 'config `images.a`: 3 is not a map', undefined],
    ['- a', 'config file: a list is not a map', undefined],
    ['just text', 'config file: "just text" is not a map', undefined],
  ])('%s', (config, message, hint) => {
    const problem = refused({ config })[0];
    expect(problem?.message).toBe(message);
    if (hint !== undefined) expect(problem?.hint).toBe(hint);
  });

  it('takes an empty file, empty sections and empty values as nothing given', () => {
    const config = '# nothing yet\nseverity:\nregistry: ""\ngate:\nbake: {}\n';
    expect(accepted({ config })).toEqual(accepted({}));
    expect(accepted({ config: '' })).toEqual(accepted({}));
  });

  it('says where YAML is broken, and still reports the inputs', () => {
    expect(refused({ config: 'a: 1\nb: "x\n', raw: { pull: 'yes' } })).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(
          /^config file "\.github\/module-release\.yml" is no YAML: Missing closing/,
        ),
        at: { file: CONFIG_FILE, line: 3 },
      }),
      expect.objectContaining({ message: 'input `pull`: "yes" is not true or false' }),
    ]);
  });
});

describe('the same input in two places', () => {
  it('lets the workflow win over the config', () => {
    const config = 'severity: LOW\ngate: { ignore-unfixed: true, sbom: none }\nnamespace: from-config\n';
    const inputs = accepted({ config, raw: { severity: 'CRITICAL', sbom: '', 'ignore-unfixed': 'false' } });
    expect(inputs.gate).toMatchObject({ severities: ['CRITICAL'], ignoreUnfixed: false, sbom: [] });
    expect(inputs.names.namespace).toBe('from-config');
  });

  it('does not complain of a config value that the workflow replaces', () => {
    expect(accepted({ config: 'severity: HIHG', raw: { severity: 'HIGH' } }).gate.severities).toEqual([
      'HIGH',
    ]);
  });

  it.each([
    [
      'severity: LOW\ngate: { severity: HIGH }',
      'config `gate.severity`: it is given twice: also as config `severity`',
      2,
    ],
    [
      'gate: { severity: HIGH }\nseverity: LOW',
      'config `severity`: it is given twice: also as config `gate.severity`',
      2,
    ],
    [
      'bake-file: a\nbake: { file: b }',
      'config `bake.file`: it is given twice: also as config `bake-file`',
      2,
    ],
  ])('refuses %j', (config, message, line) => {
    expect(refused({ config })).toEqual([
      expect.objectContaining({ message, at: { file: CONFIG_FILE, line } }),
    ]);
  });
});
