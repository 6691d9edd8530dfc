import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../__tests__/helpers/run-action.ts';
import { must } from './command.ts';

export const DATABASE = join(ROOT, '__tests__/fixtures/trivy-db/cache');

/** Trivy writes beside its database, so everyone who scans has a copy. */
export function copyDatabase(to: string): string {
  rmSync(to, { recursive: true, force: true });
  cpSync(DATABASE, to, { recursive: true });
  return to;
}

export const TRIVY_OFFLINE = [
  '--skip-db-update',
  '--skip-java-db-update',
  '--skip-version-check',
  '--offline-scan',
];

export type FloorOptions = {
  readonly context: string;
  /** Emptied by the caller. */
  readonly work: string;
  readonly builder: string;
  readonly trivyCache: string;
  /** `127.0.0.1:PORT/path:tag` */
  readonly reference: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Attributes of the output beside its type. */
  readonly output?: string;
};

/**
 * The same work without any action, by the bare tools: one build to an OCI layout, one scan of it, SARIF and SBOM made
 * from that scan, one push. Returns milliseconds by step.
 */
export async function runFloor(options: FloorOptions): Promise<Readonly<Record<string, number>>> {
  const { context, work, builder, trivyCache, reference, env, output = '' } = options;
  const layout = join(work, 'layout');
  const bakeFile = join(work, 'bake.json');
  const scan = join(work, 'scan.json');
  writeFileSync(bakeFile, JSON.stringify({ target: { default: { context, dockerfile: 'Dockerfile' } } }));
  const run = (file: string, args: readonly string[]): Promise<number> =>
    must(file, args, { cwd: work, env });
  const convert = (format: string): Promise<number> =>
    run('trivy', ['convert', '--quiet', '--format', format, '--output', join(work, format), scan]);

  const build = await run('docker', [
    ...['buildx', 'bake', '--file', bakeFile, '--builder', builder, '--progress', 'plain'],
    ...['--allow', `fs=${work}`, '--allow', `fs.read=${context}`],
    ...['--set', `default.output=type=oci,tar=false,dest=${layout}${output}`],
    ...[
      '--set',
      'default.attest=type=provenance,disabled=true',
      '--metadata-file',
      join(work, 'metadata.json'),
    ],
  ]);
  const trivy = await run('trivy', [
    ...['image', '--input', layout, '--cache-dir', trivyCache, ...TRIVY_OFFLINE, '--quiet'],
    ...['--scanners', 'vuln,secret', '--list-all-pkgs', '--format', 'json', '--output', scan],
  ]);
  const reports = (await convert('sarif')) + (await convert('cyclonedx'));
  const push = await run('crane', ['push', '--index', layout, reference]);
  return { build, trivy, reports, push };
}
