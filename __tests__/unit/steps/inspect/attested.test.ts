import { describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../../src/model/scan.ts';
import { type ScanFacts, scanPredicate } from '../../../../src/steps/attest/scan.ts';
import { attestedFindings, type ScanScope } from '../../../../src/steps/inspect/attested.ts';
import { AMD64, aFinding, aSecret, aVerdict, aViolation } from '../../../helpers/a-release.ts';
import { someClaims, someScan } from '../../../helpers/an-attestation.ts';

const SCOPE: ScanScope = { scanners: ['vuln', 'secret'], skipDirs: ['/proc'], skipFiles: [] };
const SKIPPED = { dirs: ['/proc'], files: [] };

/** As the attest step writes it, and JSON carries it. */
// biome-ignore lint/suspicious/noExplicitAny: tests bend the predicate in every way.
function written(findings: readonly Finding[] = [], change: Partial<ScanFacts> = {}): any {
  const run = { claims: someClaims(), serverUrl: 'https://github.com' };
  const subject = { image: 'base', platform: AMD64, findings };
  return JSON.parse(JSON.stringify(scanPredicate(subject, someScan({ skipped: SKIPPED, ...change }), run)));
}

function whyNot(predicate: unknown, scope: Partial<ScanScope> = {}): string {
  const read = attestedFindings(predicate, { ...SCOPE, ...scope });
  return read.ok ? 'it is believed' : read.why;
}

describe('the findings of an attested scan', () => {
  it('are those that the gate judged then, but for their titles', () => {
    const findings = [
      aFinding(),
      aFinding({ id: 'CVE-2', severity: 'LOW', fixed: '', location: 'app/lib.jar' }),
      aSecret(),
    ];
    const read = attestedFindings(written(findings), SCOPE);
    if (!read.ok) throw new Error(read.why);
    const known = findings.map(({ fixed, title: _, ...each }) => ({
      ...each,
      title: '',
      ...(fixed === '' ? {} : { fixed }),
    }));
    const byId = (list: readonly Finding[]) => [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(byId(read.findings)).toEqual(byId(known));
    expect(read.scanner).toEqual(someScan().scanner);
  });

  const clipped = written([aFinding({ location: 'x'.repeat(301) })]);
  const many = written(Array.from({ length: 2001 }, (_, i) => aFinding({ id: `CVE-${i}` })));
  const red = written([aFinding()], { verdict: aVerdict({ violations: [aViolation()] }) });
  const hidden = written([aFinding()]);
  hidden.scanner.result.findings = [];
  const added = written();
  added.scanner.result.findings = [{ kind: 'vulnerability' }];
  const otherTool = written();
  otherTool.scanner.uri = 'pkg:github/anchore/grype@1.0.0';
  const { skipped: _, ...unknown } = written().scanner.result;
  const silent = written();
  silent.scanner.result = unknown;

  it.each<[string, unknown, string]>([
    ['a value was cut', clipped, 'its list of findings is cut'],
    ['there were too many', many, 'its list of findings is cut'],
    ['it was red', red, 'it was refused then'],
    ['there are fewer than counted', hidden, 'its list of findings is not as long as it says'],
    ['a finding has no form', added, 'its statement has another form'],
    ['another scanner wrote it', otherTool, 'its statement has another form'],
    ['nobody knows what was left out', silent, 'other files were left out'],
    [
      'it is of cosign’s own form',
      { scanner: { uri: '', version: '', db: { uri: '' } } },
      'its statement has another form',
    ],
    ['it is nothing', undefined, 'its statement has another form'],
  ])('are not taken when %s', (_name, predicate, why) => {
    expect(whyNot(predicate)).toBe(why);
  });

  it.each<[string, Partial<ScanScope>, string]>([
    ['for secrets too', { scanners: ['vuln'] }, 'other scanners looked at it'],
    ['without a folder that counts today', { skipDirs: [] }, 'other files were left out'],
    ['with a file that is left out today', { skipFiles: ['a'] }, 'other files were left out'],
  ])('are not taken when it looked %s', (_name, scope, why) => {
    expect(whyNot(written(), scope)).toBe(why);
    expect(whyNot(written())).toBe('it is believed');
  });
});
