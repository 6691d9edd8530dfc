import * as z from 'zod/mini';
import { parsePlatform } from '../model/descriptor.ts';
import {
  isDigestRef,
  isLoopback,
  isRepositoryPath,
  parseReference,
  repositoryOf,
} from '../model/reference.ts';
import { parseVersion } from '../model/version.ts';

/*
 * Schemas of single values. The message of every issue is the allowed form, so that it completes the sentence
 * `input x: "value" is not …`.
 */

/** The message where a number or a boolean stands in place of text. */
export const TEXT = 'text';

/** Text that `parse` makes a value of, or says what it is not. */
export function explained<T>(parse: (text: string) => { value: T } | { fault: string }) {
  return z.pipe(
    z.string(TEXT),
    z.transform((text: string, context): T => {
      const result = parse(text);
      if ('value' in result) return result.value;
      context.issues.push({ code: 'custom', message: result.fault, input: text });
      return z.NEVER;
    }),
  );
}

/**
 * Text that `parse` understands (undefined = it does not). `correct` proposes what was probably meant; the proposal is
 * shown only when `parse` accepts it.
 */
export function parsed<T>(
  form: string,
  parse: (text: string) => T | undefined,
  correct?: (text: string) => string,
) {
  return explained<T>((text) => {
    const value = parse(text);
    if (value !== undefined) return { value };
    const proposal = text.length > 300 ? text : (correct?.(text) ?? text);
    const usable = proposal !== text && parse(proposal) !== undefined;
    return { fault: usable ? `${form}; write "${proposal}"` : form };
  });
}

export function matching(form: string, pattern: RegExp) {
  return parsed(form, (text) => (pattern.test(text) ? text : undefined));
}

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, `one of ${values.join(', ')}`);
}

/** Any text; only the null byte, which no tool and no file system takes, is refused. */
export function anyText() {
  return parsed('text without null bytes', (text) => (text.includes('\0') ? undefined : text));
}

export function path() {
  return parsed('a path (at most 4096 characters, no null bytes)', (text) =>
    text.length > 4096 || text.includes('\0') ? undefined : text,
  );
}

/** One component of a repository path: the key of an image in outputs, reports and file names. */
export function imageName() {
  return parsed('a lower-case image name such as my-module', toImageName, correctName);
}

function toImageName(text: string): string | undefined {
  return isRepositoryPath(text) && text.length <= 128 && !text.includes('/') ? text : undefined;
}

export function repositoryPath() {
  return parsed(
    'a lower-case path such as acme or acme/modules',
    (text) => (isRepositoryPath(text) ? text : undefined),
    (text) => text.split('/').map(correctName).filter(Boolean).join('/'),
  );
}

function correctName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '');
}

/** A host with optional port, in lower case; the names of Docker Hub become `docker.io`. */
export function registryHost() {
  return parsed(
    'a registry host such as ghcr.io or 127.0.0.1:5000',
    (text) => repositoryOf(text, 'x')?.registry,
    (text) => text.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/s, ''),
  );
}

export function platform() {
  return parsed('a platform such as linux/amd64 or linux/arm/v7', parsePlatform, (text) =>
    text.toLowerCase(),
  );
}

/** A reference as the tools take it: it cannot start with a dash, nor hold blanks. */
export function reference() {
  return parsed('an image reference such as alpine:3.22', (text) =>
    parseReference(text) === undefined ? undefined : text,
  );
}

/** `host/path:tag` or `host/path@sha256:…`; without either the tag `2`, the schema of today's databases, as Trivy adds it. */
export function databaseRepository() {
  return parsed('an OCI repository such as ghcr.io/aquasecurity/trivy-db:2', (text) => {
    const ref = parseReference(text);
    if (ref === undefined) return undefined;
    return isDigestRef(ref) || /:[^/]+$/.test(text) ? text : `${text}:2`;
  });
}

/** A version of a tool, returned without a leading `v`. */
export function toolVersion(example: string) {
  return parsed(`a version such as ${example}`, (text) => parseVersion(text.replace(/^v/, ''))?.raw);
}

/** An http or https URL without credentials, query and fragment; returned without a slash at its end. */
export function baseUrl() {
  return parsed(
    'an http or https URL without credentials and query, such as https://mirror.example.com/tools',
    (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      const plain =
        url !== undefined &&
        url.username === '' &&
        url.password === '' &&
        url.search === '' &&
        url.hash === '';
      return plain && ['http:', 'https:'].includes(url.protocol) ? url.href.replace(/\/+$/, '') : undefined;
    },
  );
}

/** An address that secrets may be sent to, or that acts on what it is told: https, or http on loopback. Without a slash at its end. */
export function safeUrl() {
  return parsed(
    'an https address (http only on loopback) without credentials and query, such as https://api.example.com',
    (text) => {
      const url = text.length <= 2000 ? URL.parse(text) : null;
      if (url === null || url.username + url.password + url.search + url.hash !== '') return undefined;
      const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.host));
      return isSafe ? url.href.replace(/\/+$/, '') : undefined;
    },
    (text) => text.replace(/^http:/i, 'https:'),
  );
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** A duration as Go writes it, in whole seconds (rounded up). https://pkg.go.dev/time#ParseDuration */
export function duration() {
  return parsed('a duration such as 5m0s, 10m or 300s (more than 0, at most 24h)', (text) => {
    if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+$/.test(text)) return undefined;
    const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
    const seconds = parts.reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ''] ?? 0), 0);
    return seconds > 0 && seconds <= 86_400 ? Math.ceil(seconds) : undefined;
  });
}

/**
 * What stands before the version in a git tag, checked against the rules of git for names of refs. `none` = nothing.
 * https://git-scm.com/docs/git-check-ref-format
 */
export function tagPrefix() {
  return parsed('a tag prefix such as v, my-module/v or */v, or none', (text) => {
    if (text === 'none') return '';
    const [star, rest] = text.startsWith('*/') ? ['*/', text.slice(2)] : ['', text];
    const wrong = /[\s~^:?*[\\\p{Cc}]|\.\.|@\{|\/\/|\/\.|^[./-]|\.lock\/|\/$/u.test(rest);
    return wrong || text.length > 200 ? undefined : `${star}${rest}`;
  });
}

/** Basic auth separates name and password by a colon. https://www.rfc-editor.org/rfc/rfc7617 */
export function username() {
  return matching('a user name without colon and control characters', /^[^:\p{Cc}]{1,255}$/u);
}

/** One private key in PEM; what is in it, and whether the password opens it, is seen when it is loaded. */
/** To verify, the public half is enough. */
export function privateKey() {
  return parsed('a private key in PEM, such as the whole text of cosign.key', (text) => {
    const framed = /^-----BEGIN ([A-Z0-9 ]*PRIVATE KEY|PUBLIC KEY)-----\r?\n[\s\S]+-----END \1-----\s*$/.test(
      text,
    );
    return framed && text.length <= 32_768 ? text : undefined;
  });
}

/** https://docs.docker.com/reference/dockerfile/#from; a number counts stages. */
export function stageName() {
  return matching('the name of a stage such as runtime', /^[A-Za-z0-9][\w.-]{0,127}$/);
}

/** A repository by its name, or with its server: `https://github.com/acme/app`. */
export function githubRepository() {
  return matching(
    'a repository such as acme/app or https://github.com/acme/app',
    /^(?:https?:\/\/[\w.-]+(?::\d+)?\/)?[\w-]{1,100}\/[\w.-]{1,100}$/,
  );
}

const WORKFLOW =
  /^(?:(?:https?:\/\/[\w.-]+(?::\d+)?\/)?(?<repository>[\w-]+\/[\w.-]+)\/)?\.github\/workflows\/[^/@\s]+\.ya?ml(?<ref>@refs\/[^\s@]+)?$/;

/** A workflow of another repository has a ref of its own, which nothing else says. */
export function signerWorkflow() {
  return parsed(
    'a workflow such as .github/workflows/release.yml, or acme/workflows/.github/workflows/release.yml@refs/tags/v1',
    (text) => {
      const { repository, ref } = WORKFLOW.exec(text)?.groups ?? {};
      if (!WORKFLOW.test(text) || text.length > 1000) return undefined;
      return repository !== undefined && ref === undefined ? undefined : text;
    },
    (text) => (/^[\w.-]+\.ya?ml$/.test(text) ? `.github/workflows/${text}` : text),
  );
}

/** The full name of a branch or tag. */
export function gitRef() {
  return parsed(
    'a full ref such as refs/tags/v1.2.3 or refs/heads/main',
    (text) => (/^refs\/[^\s~^:?*[\\\p{Cc}\p{Cs}]{1,500}$/u.test(text) ? text : undefined),
    (text) => (/^v?\d+\.\d+/.test(text) ? `refs/tags/${text}` : `refs/heads/${text}`),
  );
}

/** A regular expression for the whole of a value; anchors are put round it. */
export function regexp() {
  return explained<string>((text) => {
    try {
      if (text.length > 1000 || /[\p{Cc}\p{Cs}]/u.test(text))
        return { fault: 'a regular expression of at most 1000 characters, all of them visible' };
      // By itself: `a)|(b` would be one only between our parentheses, and not anchored.
      new RegExp(text, 'u');
      return { value: text };
    } catch (error) {
      const why = error instanceof Error ? error.message.split(': ').at(-1) : undefined;
      return { fault: `a regular expression${why === undefined ? '' : `: ${why}`}` };
    }
  });
}
