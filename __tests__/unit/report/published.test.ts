import { describe, expect, it } from '@jest/globals';
import type { PublishedModule, PublishJob } from '../../../src/model/publish.ts';
import { outputsOf } from '../../../src/report/outputs.ts';
import { recordOf } from '../../../src/report/record.ts';
import { redactRelease } from '../../../src/report/redact.ts';
import { headOf } from '../../../src/report/summary-head.ts';
import { publishSection } from '../../../src/report/summary-publish.ts';
import { aRelease } from '../../helpers/a-release.ts';
import { IMAGE } from '../../helpers/publish-bench.ts';

const PEM = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n';

function published(change: Partial<PublishedModule> = {}, job: Partial<PublishJob> = {}): PublishedModule {
  return {
    image: 'parser',
    name: 'parser',
    version: '1.2.3',
    ref: IMAGE,
    platform: 'HLA-Compass dev',
    scope: 'org',
    outcome: 'published',
    job: { id: 'pub-1', status: 'completed', state: 'published', ...job },
    identity: { publicKey: PEM, fingerprint: 'ZmluZ2Vy', origin: 'given' },
    watch: 'hla-compass publish-status --env dev --watch pub-1',
    ...change,
  };
}

describe('what was published', () => {
  it('stands in the outputs, one line for each module', () => {
    const release = aRelease({
      published: [
        published(),
        published({ outcome: 'failed' }, { id: 'pub-2' }),
        published({ outcome: 'accepted', job: { status: 'x', state: 'running' } }),
      ],
    });
    expect(outputsOf(release)).toMatchObject({
      'publish-id': 'pub-1\npub-2',
      'publish-status': 'published\nfailed\naccepted',
      'publish-public-key': PEM,
    });
    expect(outputsOf(aRelease())).toMatchObject({
      'publish-id': '',
      'publish-status': '',
      'publish-public-key': '',
    });
  });

  it('stands in release.json', () => {
    const { published: all } = recordOf(aRelease({ published: [published()] }));
    expect(all).toMatchObject([
      { name: 'parser', ref: `ghcr.io/acme/parser@${IMAGE.digest}`, job: { id: 'pub-1' } },
    ]);
    expect(recordOf(aRelease()).published).toBeNull();
  });

  it.each([
    [[published()], '1 module is published at HLA-Compass dev.'],
    [[published(), published({ outcome: 'unchanged' })], '2 modules are published at HLA-Compass dev.'],
    [[published(), published({ outcome: 'submitted' })], '2 modules are handed over to HLA-Compass dev.'],
  ])('stands in the first sentence of the summary', (all, words) => {
    expect(headOf(aRelease({ status: 'released', published: all }))).toContain(words);
  });

  it('has its reasons without secrets', () => {
    const release = aRelease({ published: [published({}, { reason: 'no hunter22 here' })] });
    const [module] = redactRelease(release, (text) => text.replaceAll('hunter22', '***')).published ?? [];
    expect(module?.job?.reason).toBe('no *** here');
  });
});

describe('the section of the summary', () => {
  const section = (...all: readonly PublishedModule[]) => publishSection(aRelease({ published: all }));

  it('is not there when no platform was told', () => {
    expect(publishSection(aRelease())).toBe('');
  });

  it('has reason, phase and counts of a job that failed, as words and never as markup', () => {
    const scan = { status: 'failed', counts: { CRITICAL: 2, HIGH: 5 }, failed: ['CRITICAL'] };
    const reason = '<img src=x> | [click](http://evil.example)';
    const text = section(
      published({ outcome: 'rejected' }, { status: 'rejected', phase: 'scan', reason, scan }),
    );
    expect(text).toContain('❌ rejected');
    expect(text).toContain('Phase: scan');
    expect(text).toContain('Security scan: failed: 2 CRITICAL, 5 HIGH');
    expect(text).not.toMatch(/<img|\[click\]/);
  });

  it.each(['accepted', 'submitted', 'timeout'] as const)(
    'has the command that goes on watching: %s',
    (outcome) => {
      expect(section(published({ outcome }))).toContain(
        '`hla-compass publish-status --env dev --watch pub-1`',
      );
    },
  );

  it('has no such command once it has ended', () => {
    expect(section(published())).not.toContain('publish-status');
  });

  it('says what a key of one run means', () => {
    const identity = { publicKey: PEM, fingerprint: 'ZmluZ2Vy', origin: 'generated' } as const;
    expect(section(published({ identity }))).toMatch(/every release has a new identity.*`publish-key`/s);
    expect(section(published())).toContain('signed with the key of `publish-key`');
    expect(section(published())).toContain('`ZmluZ2Vy`');
  });

  it('links to the logs of the platform', () => {
    expect(section(published({}, { logsUrl: 'https://hub.example.com/logs/1' }))).toContain(
      '[pub-1](https://hub.example.com/logs/1)',
    );
    expect(section(published({}, { logsUrl: 'javascript:alert(1)' }))).not.toContain('javascript');
  });
});
