import type { Digest } from '../../model/digest.ts';
import { formatReference, type Repository } from '../../model/reference.ts';
import type { TrivyReport } from './report.ts';

/** Who the report is about: not a folder of the runner. */
export type Subject = { readonly repository: Repository; readonly digest: Digest };

/**
 * The report as it is kept: about `repository@digest`, and without what could hold a secret in clear, because a report is
 * uploaded also when the image is refused: the environment and history of the configuration, and the lines round a secret.
 */
export function publishReport(parsed: TrivyReport, subject: Subject): TrivyReport {
  const reference = formatReference(subject);
  const { Metadata, Results } = parsed;
  return {
    ...parsed,
    ArtifactName: reference,
    Metadata: {
      ...Metadata,
      RepoTags: [],
      RepoDigests: [reference],
      ImageConfig: publicConfig(Metadata?.ImageConfig),
    },
    ...(Results === undefined || Results === null
      ? {}
      : {
          Results: Results.map(({ Target, Secrets, ...rest }) => ({
            ...rest,
            Target: rename(Target, parsed.ArtifactName, reference),
            ...(Secrets === undefined || Secrets === null ? {} : { Secrets: Secrets.map(withoutLines) }),
          })),
        }),
  };
}

/** What an SBOM is made from: the packages alone. Vulnerabilities are the news of one day, an SBOM is not. */
export function packagesOnly(published: TrivyReport): TrivyReport {
  const results = (published.Results ?? []).filter(({ Class }) => Class !== 'secret');
  return {
    ...published,
    Results: results.map(({ Vulnerabilities: _, Secrets: __, ...rest }) => rest),
  };
}

type Metadata = NonNullable<TrivyReport['Metadata']>;

function publicConfig(config: Metadata['ImageConfig']): NonNullable<Metadata['ImageConfig']> {
  const { architecture, os, variant, created, rootfs } = config ?? {};
  const labels = config?.config?.Labels;
  return {
    architecture,
    os,
    variant,
    created,
    rootfs,
    ...(labels === undefined ? {} : { config: { Labels: labels } }),
  };
}

type Secret = NonNullable<NonNullable<NonNullable<TrivyReport['Results']>[number]['Secrets']>[number]>;

function withoutLines({ RuleID, Category, Severity, Title, StartLine, EndLine, Layer }: Secret): Secret {
  return { RuleID, Category, Severity, Title, StartLine, EndLine, Layer: withoutCommand(Layer) };
}

function withoutCommand(layer: unknown): unknown {
  if (typeof layer !== 'object' || layer === null) return undefined;
  const { CreatedBy: _, ...rest } = { CreatedBy: undefined, ...layer };
  return rest;
}

function rename(target: string, from: string, to: string): string {
  return target === from || target.startsWith(`${from} (`) ? `${to}${target.slice(from.length)}` : target;
}
