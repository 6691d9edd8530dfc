import type { Artifacts } from './artifacts.ts';
import type { Cache } from './cache.ts';
import type { Clock } from './clock.ts';
import type { Download } from './download.ts';
import type { Exec } from './exec.ts';
import type { Files } from './files.ts';
import type { GitHub } from './github.ts';
import type { Licenses } from './licenses.ts';
import type { Log } from './log.ts';
import type { Oidc } from './oidc.ts';
import type { PublishApi } from './publish-api.ts';
import type { Registry } from './registry.ts';
import type { Sigstore } from './sigstore.ts';
import type { State } from './state.ts';

/** All windows; a room takes only those it uses: `Pick<Ports, 'exec' | 'files'>`. */
export type Ports = {
  /** The registries as a stranger sees them: without any credential. */
  readonly anonymousRegistry: Pick<Registry, 'resolve'>;
  /** What jobs of this workflow run hand over to each other. */
  readonly artifacts: Artifacts;
  readonly cache: Cache;
  readonly clock: Clock;
  readonly download: Download;
  readonly exec: Exec;
  readonly files: Files;
  readonly github: GitHub;
  readonly licenses: Licenses;
  readonly log: Log;
  readonly oidc: Oidc;
  readonly publishApi: PublishApi;
  readonly registry: Registry;
  readonly sigstore: Sigstore;
  readonly state: State;
};
