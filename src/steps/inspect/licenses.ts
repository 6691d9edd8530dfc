import type { LicenseForm } from '../../ports/licenses.ts';

export type LicenseChoice =
  | { readonly license: { readonly id: string } | { readonly name: string } }
  | { readonly expression: string };

/** What a text is to SPDX. */
export type LicenseReader = (text: string) => LicenseForm | undefined;

/**
 * The licenses of a package, each by its SPDX identifier where it has one. CycloneDX takes either a list of licenses or one
 * expression: where all is SPDX and one of it is an expression, all must hold. https://cyclonedx.org/docs/1.6/json/#components_items_licenses
 */
export function licensesOf(declared: readonly string[], formOf: LicenseReader): readonly LicenseChoice[] {
  const forms = declared.filter((text) => text !== '').map((text) => ({ text, form: formOf(text) }));
  const isSpdx = forms.every(({ form }) => form !== undefined);
  if (isSpdx && forms.some(({ form }) => form === 'expression'))
    return [{ expression: allOf(forms.map(({ text }) => text)) }];
  return forms.map(({ text, form }) => ({
    license: form === 'identifier' ? { id: text } : { name: withoutMark(text) },
  }));
}

/** AND binds stronger than OR. */
function allOf(expressions: readonly string[]): string {
  const [first, ...more] = expressions;
  if (first !== undefined && more.length === 0) return first;
  return expressions.map((each) => (/\s/.test(each) ? `(${each})` : each)).join(' AND ');
}

/** How Trivy marks the text of a license that stands where its name should. */
function withoutMark(text: string): string {
  return text.replace(/^text:\/\//, '');
}
