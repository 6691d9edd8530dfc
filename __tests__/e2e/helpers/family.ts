import { cpSync, readFileSync } from 'node:fs';
import { provideBusybox } from '../../../scripts/setup/busybox.mjs';
import { CONFIG, type E2eBench } from '../../helpers/e2e-bench.ts';
import type { GitRepository } from '../../helpers/git-repository.ts';

/** Five small images of the shape of the example: base → runtime → two modules, and one that stands alone. */
export const FAMILY = ['base', 'runtime', 'reports', 'intake', 'site'] as const;
export type Member = (typeof FAMILY)[number];

/** Image → the one that it stands on. */
export const PARENTS: Readonly<Partial<Record<Member, Member>>> = {
  runtime: 'base',
  reports: 'runtime',
  intake: 'runtime',
};

const CONFIG_TEXT = `images:
${FAMILY.map((name) => {
  const parent = PARENTS[name];
  const contexts = parent === undefined ? '' : `, contexts: { parent: "target:${parent}" }`;
  return `  ${name}: { context: ${name}${contexts} }\n`;
}).join('')}`;

/** The files of the five; each copies one file of its own. */
export function familyFiles(): Readonly<Record<string, string>> {
  return {
    [CONFIG]: CONFIG_TEXT,
    ...Object.fromEntries(
      FAMILY.flatMap((name) => [
        [
          `${name}/Dockerfile`,
          `FROM ${PARENTS[name] === undefined ? 'scratch' : 'parent'}\nCOPY own /${name}\n`,
        ],
        [`${name}/own`, `the file of ${name}\n`.repeat(200)],
      ]),
    ),
  };
}

/** The five, of which base is another one each time that it is really built. */
export async function restlessFiles(): Promise<Readonly<Record<string, string | Uint8Array>>> {
  return {
    ...familyFiles(),
    'base/busybox': readFileSync(await provideBusybox()),
    'base/Dockerfile': [
      'FROM scratch',
      'COPY --chmod=755 busybox /bin/busybox',
      'RUN ["/bin/busybox", "dd", "if=/dev/urandom", "of=/random", "bs=1024", "count=1"]',
      '',
    ].join('\n'),
  };
}

/** The same checkout at another place, as on another machine. */
export function elsewhere(bench: E2eBench, repository: GitRepository): GitRepository {
  const folder = bench.folder('elsewhere');
  cpSync(repository.folder, folder, { recursive: true });
  return { ...repository, folder };
}
