import * as z from 'zod/mini';
import type { AttestationKind } from '../../model/attestation.ts';
import type { Check } from '../../model/verification.ts';
import { check } from './expected.ts';

/** https://cyclonedx.org/docs/latest/json/ */
const cyclonedx = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.string().check(z.regex(/^\d+\.\d+$/)),
  components: z.optional(z.array(z.object({ name: z.string() }))),
});

/** https://spdx.github.io/spdx-spec/v2.3/document-creation-information/ */
const spdx = z.object({
  spdxVersion: z.string().check(z.regex(/^SPDX-2\.\d+$/)),
  SPDXID: z.literal('SPDXRef-DOCUMENT'),
  packages: z.optional(z.array(z.object({ name: z.string() }))),
});

/** https://github.com/sigstore/cosign/blob/main/specs/COSIGN_VULN_ATTESTATION_SPEC.md */
const scan = z.object({ scanner: z.object({ uri: z.string() }) });

/** Whether an SBOM or a scan report parses as what its predicate type says. Nothing is asked of a plain signature. */
export function contentChecks(kind: AttestationKind, predicate: unknown): readonly Check[] {
  switch (kind) {
    case 'cyclonedx': {
      const parsed = cyclonedx.safeParse(predicate);
      const actual = parsed.success
        ? `CycloneDX ${parsed.data.specVersion} with ${parsed.data.components?.length ?? 0} components`
        : undefined;
      return [sbomCheck('a CycloneDX document', actual)];
    }
    case 'spdx': {
      const parsed = spdx.safeParse(predicate);
      const actual = parsed.success
        ? `${parsed.data.spdxVersion} with ${parsed.data.packages?.length ?? 0} packages`
        : undefined;
      return [sbomCheck('an SPDX 2 document', actual)];
    }
    case 'scan': {
      const parsed = scan.safeParse(predicate);
      return [
        check({
          id: 'scan.predicate',
          title: 'Scan: form',
          expected: 'a scan report with its scanner',
          actual: parsed.success ? `a report of ${parsed.data.scanner.uri}` : 'something else',
          ok: parsed.success,
          fault: 'predicate-invalid',
        }),
      ];
    }
    case 'provenance':
    case 'signature':
      return [];
  }
}

const verdict = z.object({ scanner: z.object({ result: z.object({ passed: z.boolean() }) }) });

/** What our own scan statement says that its gate decided; others have no verdict, and none is asked of them. */
export function verdictChecks(predicate: unknown): readonly Check[] {
  const parsed = verdict.safeParse(predicate);
  if (!parsed.success) return [];
  const ok = parsed.data.scanner.result.passed;
  return [
    check({
      id: 'scan.verdict',
      title: 'Scan: verdict of the newest',
      expected: 'passed',
      actual: ok ? 'passed' : 'refused',
      ok,
      fault: 'scan-refused',
    }),
  ];
}

const scanned = z.object({ metadata: z.object({ scanFinishedOn: z.string() }) });

/** When a scan says that it was made; undefined when it does not. */
export function scanTime(predicate: unknown): Date | undefined {
  const parsed = scanned.safeParse(predicate);
  const time = parsed.success ? new Date(parsed.data.metadata.scanFinishedOn) : undefined;
  return time === undefined || Number.isNaN(time.getTime()) ? undefined : time;
}

function sbomCheck(expected: string, actual: string | undefined): Check {
  const ok = actual !== undefined;
  return check({
    id: 'sbom.document',
    title: 'SBOM: document',
    expected,
    actual: actual ?? 'something that does not parse as one',
    ok,
    fault: 'sbom-invalid',
  });
}
