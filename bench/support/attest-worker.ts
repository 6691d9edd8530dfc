/**
 * `node attest-worker.ts TASK`: signs and stores the attestations of a task (a JSON file) as the attest step of the action
 * does, in a process of its own. Prints milliseconds of the step and the peak RSS of the process in bytes.
 */

import { readFileSync } from 'node:fs';
import { createClock } from '../../src/adapters/clock/system-clock.ts';
import { createExec } from '../../src/adapters/exec/runner.ts';
import { createFiles } from '../../src/adapters/files/local.ts';
import { createHttp } from '../../src/adapters/http/http.ts';
import { createOidc } from '../../src/adapters/oidc/oidc.ts';
import { createRegistry } from '../../src/adapters/registry/index.ts';
import { createSigstore } from '../../src/adapters/sigstore/sigstore.ts';
import {
  type AttestationKind,
  PREDICATES,
  STATEMENT_TYPE,
  type StatementDraft,
} from '../../src/model/attestation.ts';
import { type Descriptor, formatPlatform } from '../../src/model/descriptor.ts';
import { hexOf } from '../../src/model/digest.ts';
import type { PlatformImage, PushedImage } from '../../src/model/image.ts';
import { formatRepository, type Repository } from '../../src/model/reference.ts';
import { attestDrafts } from '../../src/steps/attest/run.ts';
import { QUIET_LOG as log } from './quiet-log.ts';

export type AttestTask = {
  readonly images: readonly {
    readonly name: string;
    readonly repository: Repository;
    readonly index: Descriptor;
    readonly platforms: readonly PlatformImage[];
  }[];
  /** Kind → path of the predicate. */
  readonly predicates: Readonly<Partial<Record<AttestationKind, string>>>;
  /** Its path. */
  readonly signingConfig: string;
  /** For what is not wanted. */
  readonly folder: string;
};

const [path = ''] = process.argv.slice(2);
const task: AttestTask = JSON.parse(readFileSync(path, 'utf8'));

const refuse = () => Promise.reject(new Error('GitHub is not asked'));
const github = {
  about: async () => undefined,
  storeAttestation: refuse,
  hasAttestation: refuse,
  attestations: refuse,
  compare: refuse,
  createDeployment: refuse,
  setDeploymentStatus: refuse,
  unfinishedDeployment: refuse,
  retireDeployments: refuse,
};
const clock = createClock();
const files = createFiles({ save: () => undefined });

const images = task.images.map(
  ({ name, repository, index, platforms }): PushedImage => ({
    planned: {
      name,
      source: { kind: 'bake', target: name },
      repositories: [repository],
      tags: [],
      platforms: platforms.map(({ platform }) => platform),
      labels: {},
      annotations: { index: {}, manifest: {} },
      parents: [],
    },
    descriptor: index,
    platforms,
    origin: 'built',
    size: 0,
    subjects: [{ repository, digest: index.digest }],
    blobs: { uploaded: 0, mounted: 0, existing: 0 },
  }),
);

const started = performance.now();
const predicates = Object.entries(task.predicates).map(([kind, file]) => ({
  kind: kind as AttestationKind,
  predicate: JSON.parse(readFileSync(file, 'utf8')) as unknown,
}));
const drafts = images.flatMap((image) => {
  const subjects: readonly { readonly descriptor: Descriptor; readonly platform?: string }[] = [
    image,
    ...image.platforms.map(({ platform, descriptor }) => ({
      descriptor,
      platform: formatPlatform(platform),
    })),
  ];
  return subjects.flatMap(({ descriptor: { digest }, platform }) =>
    predicates.map(
      ({ kind, predicate }): StatementDraft => ({
        image: image.planned.name,
        kind,
        subject: digest,
        ...(platform === undefined ? {} : { platform }),
        statement: {
          _type: STATEMENT_TYPE,
          subject: [
            { name: formatRepository(image.planned.repositories[0]!), digest: { sha256: hexOf(digest) } },
          ],
          predicateType: PREDICATES[kind],
          predicate,
        },
        registryOnly: false,
      }),
    ),
  );
});
const http = createHttp({ clock, log, env: process.env });
const oidc = createOidc({ env: process.env, clock, http, log });
const { signingConfig, folder } = task;
const signer = await createSigstore({ clock, log, http, oidc, tufCache: folder }).signer({
  kind: 'keyless',
  instance: 'private',
  signingConfig: readFileSync(signingConfig, 'utf8'),
});
const registry = createRegistry({ log, clock, files, exec: createExec(), credentials: [], insecure: [] });
const store = {
  stores: ['registry'],
  folder,
  repository: 'Acme/Modules',
  created: new Date(0),
  githubMayRefuse: false,
} as const;
await attestDrafts(drafts, { images, store, signer }, { clock, files, github, log, registry });
const milliseconds = performance.now() - started;
console.log(JSON.stringify({ milliseconds, peak: process.resourceUsage().maxRSS * 1024 }));
