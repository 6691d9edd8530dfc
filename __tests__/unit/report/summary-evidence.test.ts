import { describe, expect, it } from '@jest/globals';
import { shortDigest } from '../../../src/model/digest.ts';
import { summaryOf } from '../../../src/report/summary.ts';
import { commandsSection, evidenceSection } from '../../../src/report/summary-evidence.ts';
import {
  aBuiltImage,
  aPlan,
  aPlannedImage,
  aRelease,
  aTaggedImage,
  someAttestations,
} from '../../helpers/a-release.ts';

const SKIPPED = aPlan({
  steps: [{ id: 'attest', do: 'skip', reason: 'the job has no `permissions: id-token: write`' }],
});

const rowsOf = (markdown: string) => markdown.split('\n').slice(2);

describe('the evidence in the summary', () => {
  it('is one row for each index and platform, with links into the store', () => {
    const image = aTaggedImage();
    const [platform] = image.platforms;
    const attestations = [
      ...someAttestations(image),
      ...someAttestations({ ...image, descriptor: platform!.descriptor }, { platform: 'linux/amd64' }),
    ];
    const rows = rowsOf(evidenceSection(aRelease({ attestations })));
    const url = 'https://github.com/Acme/Modules/attestations';
    expect(rows).toEqual([
      `| base | index | \`${shortDigest(image.descriptor.digest)}\` | [provenance](${url}/10), [signature](${url}/9) |`,
      `| base | linux/amd64 | \`${shortDigest(platform!.descriptor.digest)}\` | [provenance](${url}/10), [signature](${url}/9) |`,
      '',
    ]);
  });

  it('names a kind without a link where no store has an address for it', () => {
    const attestations = someAttestations().map(({ url: _, ...rest }) => rest);
    expect(rowsOf(evidenceSection(aRelease({ attestations })))[0]).toMatch(/\| provenance, signature \|$/);
  });

  it('keeps images apart that have equal bytes', () => {
    const twin = aTaggedImage(aBuiltImage(aPlannedImage('twin'), { top: aTaggedImage().descriptor }));
    const attestations = [...someAttestations(), ...someAttestations(twin)];
    const rows = rowsOf(evidenceSection(aRelease({ attestations })));
    expect(rows.map((row) => row.split(' | ')[0])).toEqual(['| base', '| twin', '']);
  });

  it('leads nowhere but to an https address', () => {
    const attestations = someAttestations(undefined, { url: 'javascript:alert(1)' });
    const markdown = evidenceSection(aRelease({ attestations }));
    expect(markdown).not.toContain('javascript');
    expect(markdown).toContain('provenance, signature');
  });

  it('says once why there is none', () => {
    const summary = summaryOf(aRelease({ plan: SKIPPED }));
    expect(summary).toContain(
      '### Evidence\n\nNo attestations: the job has no &#96;permissions: id-token: write&#96;.',
    );
  });

  it('says that nothing was signed anew', () => {
    expect(evidenceSection(aRelease({ attestations: [] }))).toBe('All attestations were there already.');
  });

  it('is no part of a summary of a run that did not come so far', () => {
    expect(evidenceSection(aRelease({ status: 'failed' }))).toBe('');
    expect(summaryOf(aRelease({ status: 'failed' }))).not.toMatch(/### (Evidence|Verify)\n/);
  });
});

describe('the commands in the summary', () => {
  const commands = (...lines: readonly string[]) =>
    commandsSection(aRelease({ verifyCommands: [{ image: 'base', lines }] }));

  it('can be copied as they are', () => {
    expect(commands('cosign verify a', "gh attestation verify 'b'")).toBe(
      "```sh\n# base\ncosign verify a\ngh attestation verify 'b'\n```",
    );
  });

  it('cannot end their own block', () => {
    const [open, , ...rest] = commands("cosign verify '````' a").split('\n');
    expect(open).toBe('`````sh');
    expect(rest).toEqual(["cosign verify '````' a", '`````']);
  });

  it('are not there where nothing can be checked', () => {
    expect(commandsSection(aRelease())).toBe('');
    expect(commandsSection(aRelease({ verifyCommands: [] }))).toBe('');
  });
});
