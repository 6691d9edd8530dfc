import type { Digest } from '../model/digest.ts';

/** Plain HTTPS downloads (tools), with retries. No credential is ever sent. */
export interface Download {
  /**
   * Streams into the file and returns its digest; undefined for 404. Throws a ReleaseError otherwise: TOOL_UNVERIFIED for
   * more than `limit` bytes (default: no limit), TOOL_MISSING.
   */
  file(url: string, path: string, limit?: number): Promise<Digest | undefined>;
}
