import type { SbomDocument } from './sbom.ts';

type Item = Readonly<Record<string, unknown>>;

/** Said in the document itself: https://spdx.github.io/spdx-spec/v2.3/document-creation-information/#610-creator-comment-field */
const NOTE = {
  files: 'Files and their relationships are left out to keep the signed document small.',
  'files-and-relationships':
    'Files and relationships (but for what the document describes) are left out to keep the signed document small.',
};

/**
 * The document without files and snippets and without relationships that name them, or without all relationships but
 * DESCRIBES. Packages then say `filesAnalyzed: false`, which forbids a verification code and licences of files.
 * https://spdx.github.io/spdx-spec/v2.3/package-information/#78-files-analyzed-field
 */
export function slimSpdx(document: SbomDocument, how: keyof typeof NOTE): SbomDocument {
  const { files, snippets, relationships, packages, creationInfo, ...rest } = document;
  const gone = new Set([...items(files), ...items(snippets)].map(({ SPDXID }) => SPDXID));
  const creation = isItem(creationInfo) ? creationInfo : {};
  const said = typeof creation.comment === 'string' ? `${creation.comment}\n${NOTE[how]}` : NOTE[how];
  return {
    ...rest,
    creationInfo: { ...creation, comment: said },
    packages: items(packages).map(withoutFiles),
    relationships: items(relationships).filter((each) =>
      how === 'files'
        ? !gone.has(each.spdxElementId) && !gone.has(each.relatedSpdxElement)
        : each.relationshipType === 'DESCRIBES' && !gone.has(each.relatedSpdxElement),
    ),
  };
}

function withoutFiles({ hasFiles, packageVerificationCode, licenseInfoFromFiles, ...rest }: Item): Item {
  return { ...rest, filesAnalyzed: false };
}

function items(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.filter(isItem) : [];
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
