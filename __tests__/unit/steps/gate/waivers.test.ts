import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { parseWaivers } from '../../../../src/steps/gate/waivers.ts';

const read = (yaml: string) => parseWaivers(parse(yaml), 'waivers.yml');

const problems = (yaml: string) => {
  const result = read(yaml);
  return result.ok ? [] : result.problems.map(({ message, hint }) => [message, hint]);
};

describe('a waiver file', () => {
  it('has the shape of .trivyignore.yaml, with an owner', () => {
    expect(
      read(`
vulnerabilities:
  - id: CVE-2020-14343
    paths: ["usr/lib/**"]
    statement: Only trusted documents are read.
    expired_at: 2027-01-31
    owner: team-a
  - { id: CVE-2099-0001, statement: No fix yet. }
secrets:
  - { id: aws-access-key-id, statement: A test fixture., paths: [opt/test/*] }
misconfigurations:
  - { id: AVD-DS-0001 }
`),
    ).toEqual({
      ok: true,
      waivers: [
        {
          kind: 'vulnerability',
          id: 'CVE-2020-14343',
          paths: ['usr/lib/**'],
          statement: 'Only trusted documents are read.',
          expiredAt: '2027-01-31',
          owner: 'team-a',
        },
        { kind: 'vulnerability', id: 'CVE-2099-0001', paths: [], statement: 'No fix yet.' },
        { kind: 'secret', id: 'aws-access-key-id', paths: ['opt/test/*'], statement: 'A test fixture.' },
      ],
    });
  });

  it.each(['', '# nothing yet\n', 'vulnerabilities:\n', '{}', 'vulnerabilities: []\nsecrets:\n'])(
    'may be empty: %j',
    (yaml) => {
      expect(read(yaml)).toEqual({ ok: true, waivers: [] });
    },
  );

  it.each([
    [
      'vulnerabilities: [{ id: CVE-1 }]',
      'waivers.yml: vulnerabilities[0].statement is missing',
      'Write a reason in words.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: "  " }]',
      'waivers.yml: vulnerabilities[0].statement is not in its form: "  "',
      'Write a reason in words.',
    ],
    [
      'secrets: [{ statement: why }]',
      'waivers.yml: secrets[0].id is missing',
      'Write the id of a vulnerability (CVE-2024-1234) or of a secret rule.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: why, expired_at: 2026-02-30 }]',
      'waivers.yml: vulnerabilities[0].expired_at is not in its form: "2026-02-30"',
      'Write a date such as 2027-01-31.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: why, expired_at: soon }]',
      'waivers.yml: vulnerabilities[0].expired_at is not in its form: "soon"',
      'Write a date such as 2027-01-31.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: why, expired_at: 20270131 }]',
      'waivers.yml: vulnerabilities[0].expired_at is not in its form: 20270131',
      'Write a date such as 2027-01-31.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: why, paths: usr/** }]',
      'waivers.yml: vulnerabilities[0].paths is not in its form: "usr/**"',
      'Write a list of globs on files in the image, such as usr/lib/**.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: why, paths: ["usr/{a"] }]',
      'waivers.yml: vulnerabilities[0].paths[0] is not in its form: "usr/{a"',
      'Write a list of globs on files in the image, such as usr/lib/**.',
    ],
    [
      'vulnerabilities: [{ id: CVE-1, statement: why, purls: ["pkg:npm/x"] }]',
      'waivers.yml: vulnerabilities[0] has an unknown key: purls',
      'Known keys: id, paths, statement, expired_at, owner.',
    ],
    [
      'vulnerabilites: []',
      'waivers.yml has an unknown key: vulnerabilites',
      'Known keys: vulnerabilities, secrets.',
    ],
    [
      'vulnerabilities: CVE-1',
      'waivers.yml: vulnerabilities is not in its form: "CVE-1"',
      'Write lists of waivers under vulnerabilities and secrets.',
    ],
    [
      '- CVE-1',
      'waivers.yml is not in its form: ["CVE-1"]',
      'Write lists of waivers under vulnerabilities and secrets.',
    ],
    [
      'CVE-2020-14343',
      'waivers.yml is not in its form: "CVE-2020-14343"',
      'Write lists of waivers under vulnerabilities and secrets.',
    ],
  ])('%s is refused', (yaml, message, hint) => {
    expect(problems(yaml)).toEqual([[message, hint]]);
  });

  it('reports all its problems at once', () => {
    const yaml =
      'vulnerabilities: [{ id: "" }, { id: CVE-2, statement: why, expired_at: never }]\nsecrets: [7]';
    expect(problems(yaml).map(([message]) => message)).toEqual([
      'waivers.yml: vulnerabilities[0].id is not in its form: ""',
      'waivers.yml: vulnerabilities[0].statement is missing',
      'waivers.yml: vulnerabilities[1].expired_at is not in its form: "never"',
      'waivers.yml: secrets[0] is not in its form: 7',
    ]);
  });
});
