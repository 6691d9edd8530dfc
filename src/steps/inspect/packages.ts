import * as z from 'zod/mini';
import { inForm } from './form.ts';

const text = z.optional(z.string());
const texts = z.optional(z.nullable(z.array(z.string())));
const epoch = z.optional(z.int());

const onePackage = z.object({
  ID: text,
  Name: z.string(),
  Version: text,
  Release: text,
  Epoch: epoch,
  Identifier: z.optional(z.object({ PURL: text })),
  SrcName: text,
  SrcVersion: text,
  SrcRelease: text,
  SrcEpoch: epoch,
  Modularitylabel: text,
  Maintainer: text,
  Licenses: texts,
  Relationship: text,
  DependsOn: texts,
  Layer: z.optional(z.object({ Digest: text, DiffID: text })),
  FilePath: text,
  Digest: text,
});

const packages = z.object({
  Target: z.string(),
  Class: text,
  Type: text,
  Packages: z.optional(z.nullable(z.array(onePackage))),
});

/** What an SBOM tells of Trivy's JSON: the image and its packages. https://trivy.dev/latest/docs/configuration/reporting/#json */
const contents = z.object({
  SchemaVersion: z.number(),
  CreatedAt: text,
  ArtifactName: z.string(),
  Metadata: z.optional(
    z.object({
      Size: z.optional(z.number()),
      ImageID: text,
      DiffIDs: texts,
      RepoDigests: texts,
      OS: z.optional(z.object({ Family: z.string(), Name: text })),
      ImageConfig: z.optional(
        z.object({
          architecture: text,
          config: z.optional(z.object({ Labels: z.optional(z.nullable(z.record(z.string(), z.string()))) })),
        }),
      ),
    }),
  ),
  Results: z.optional(z.nullable(z.array(packages))),
});

export type Contents = z.infer<typeof contents>;
export type Packages = z.infer<typeof packages>;
export type Package = z.infer<typeof onePackage>;

/** Throws a plain Error that says what is wrong with the report. */
export function contentsOf(report: unknown): Contents {
  return inForm(contents, report);
}
