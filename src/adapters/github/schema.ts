import * as z from 'zod/mini';
import type { RepositoryAbout } from '../../model/context.ts';

/** The fields we use of https://docs.github.com/rest/repos/repos#get-a-repository; `visibility` is young on servers. */
const repository = z.object({
  description: z.nullish(z.string()),
  license: z.nullish(z.object({ spdx_id: z.nullish(z.string()) })),
  visibility: z.optional(z.enum(['public', 'private', 'internal'])),
  private: z.optional(z.boolean()),
  html_url: z.optional(z.string()),
  default_branch: z.optional(z.string()),
});

/** Throws when the answer is not about a repository. */
export function readAbout(answer: unknown): RepositoryAbout {
  const found = repository.parse(answer);
  const license = found.license?.spdx_id ?? '';
  const visibility = found.visibility ?? (found.private === true ? 'private' : undefined);
  return {
    ...(found.description ? { description: found.description } : {}),
    // NOASSERTION is how GitHub says that it found a license and knows it not.
    ...(license === '' || license === 'NOASSERTION' ? {} : { license }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(found.html_url === undefined ? {} : { htmlUrl: found.html_url }),
    ...(found.default_branch === undefined ? {} : { defaultBranch: found.default_branch }),
  };
}
