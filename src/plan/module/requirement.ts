import { readMarker } from './marker.ts';
import { readSpecifiers, type Specifier } from './specifier.ts';

/** One line of requirements. https://packaging.python.org/en/latest/specifications/dependency-specifiers/ */
export type Requirement = {
  /** As written. */
  readonly name: string;
  /** Name, extras and marker, so that equal ones are equal texts. */
  readonly key: string;
  readonly url?: string;
  readonly specifiers: readonly Specifier[];
};

const HEAD = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(.*)$/;
const NAME = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/;

/** Undefined when the text is no requirement. */
export function readRequirement(text: string): Requirement | undefined {
  const [, name, extraList, rest = ''] = HEAD.exec(text) ?? [];
  const extras = readExtras(extraList);
  if (name === undefined || extras === undefined) return undefined;
  const isUrl = rest.startsWith('@');
  // A URL may hold semicolons; its marker stands behind a blank.
  const cut = isUrl ? rest.search(/\s;/) : rest.indexOf(';');
  const body = (cut < 0 ? rest : rest.slice(0, cut)).trim();
  const marker = cut < 0 ? '' : readMarker(rest.slice(rest.indexOf(';', cut) + 1));
  if (marker === undefined) return undefined;
  const key = [canonical(name), extras.map(canonical).sort().join(','), marker].join('|');
  if (isUrl) {
    const url = body.slice(1).trim();
    return url === '' || /\s/.test(url) ? undefined : { name, key, url, specifiers: [] };
  }
  const specifiers = readSpecifiers(/^\((.*)\)$/.exec(body)?.[1] ?? body);
  return specifiers === undefined ? undefined : { name, key, specifiers };
}

function readExtras(list: string | undefined): readonly string[] | undefined {
  if (list === undefined || list.trim() === '') return [];
  const extras = list.split(',').map((extra) => extra.trim());
  return extras.every((extra) => NAME.test(extra)) ? extras : undefined;
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}
