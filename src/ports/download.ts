import type { Digest } from '../model/digest.ts';

/** Plain HTTPS downloads (tools), with retries. No credential is ever sent. */
export interface Download {
  /** Streams into the file and returns its digest; undefined for 404. Throws a ReleaseError(TOOL_MISSING) otherwise. */
  file(url: string, path: string): Promise<Digest | undefined>;
}
