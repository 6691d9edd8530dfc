import * as z from 'zod/mini';

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes */
const errorBody = z.object({
  errors: z.array(
    z.object({
      code: z.optional(z.string()),
      message: z.optional(z.string()),
      detail: z.optional(z.unknown()),
    }),
  ),
});

/** https://distribution.github.io/distribution/spec/auth/token/#token-response-fields */
const tokenReply = z.object({
  token: z.optional(z.string()),
  access_token: z.optional(z.string()),
  /** Seconds. */
  expires_in: z.optional(z.number()),
});

/** The claim that registries' own tokens carry. https://distribution.github.io/distribution/spec/auth/jwt/ */
const tokenClaims = z.object({
  access: z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) })),
});

const dockerAuth = z.object({
  auth: z.optional(z.string()),
  username: z.optional(z.string()),
  password: z.optional(z.string()),
  identitytoken: z.optional(z.string()),
  registrytoken: z.optional(z.string()),
});

/** https://docs.docker.com/reference/cli/docker/login/#credential-stores */
const dockerConfig = z.object({
  auths: z.nullish(z.record(z.string(), dockerAuth)),
  credHelpers: z.nullish(z.record(z.string(), z.string())),
  credsStore: z.nullish(z.string()),
});

/** https://github.com/docker/docker-credential-helpers#development */
const helperReply = z.object({ Username: z.string(), Secret: z.string() });

export type TokenReply = z.infer<typeof tokenReply>;
export type TokenAccess = z.infer<typeof tokenClaims>['access'];
export type DockerAuth = z.infer<typeof dockerAuth>;
export type DockerConfig = z.infer<typeof dockerConfig>;

/** A registry's own words about a failure; undefined fields were not said. */
export type RegistryError = { readonly code?: string; readonly message?: string };

/** Never throws: what a failing registry (or a proxy before it) sends is no reason for another failure. */
export function readErrors(bytes: Uint8Array): readonly RegistryError[] {
  const parsed = errorBody.safeParse(tryJson(bytes));
  return parsed.success
    ? parsed.data.errors.map(({ code, message }) => ({
        ...(code === undefined ? {} : { code }),
        ...(message === undefined ? {} : { message }),
      }))
    : [];
}

export function readTokenReply(bytes: Uint8Array): TokenReply | undefined {
  return parsedOrNothing(tokenReply.safeParse(tryJson(bytes)));
}

/** What a JWT says it allows; undefined for opaque tokens. Only the registry can check the signature: use it for messages. */
export function readTokenAccess(token: string): TokenAccess | undefined {
  const claims = token.split('.')[1];
  if (claims === undefined) return undefined;
  return parsedOrNothing(tokenClaims.safeParse(tryJson(Buffer.from(claims, 'base64url'))))?.access;
}

export function readDockerConfig(text: string): DockerConfig | undefined {
  return parsedOrNothing(dockerConfig.safeParse(tryJson(Buffer.from(text))));
}

export function readHelperReply(text: string): { username: string; secret: string } | undefined {
  const reply = parsedOrNothing(helperReply.safeParse(tryJson(Buffer.from(text))));
  return reply === undefined ? undefined : { username: reply.Username, secret: reply.Secret };
}

function tryJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function parsedOrNothing<T>(result: { success: true; data: T } | { success: false }): T | undefined {
  return result.success ? result.data : undefined;
}
