import type { LicenseForm, Licenses } from '../../ports/licenses.ts';

/** The SPDX list and grammar. https://github.com/jslicense/spdx-expression-parse.js */
export function createLicenses(): Licenses {
  const known = new Map<string, LicenseForm | undefined>();
  return {
    load: async () => {
      const { default: parse } = await import('spdx-expression-parse');
      return (text) => {
        if (!known.has(text)) known.set(text, formOf(parse, text));
        return known.get(text);
      };
    },
  };
}

function formOf(parse: (text: string) => object, text: string): LicenseForm | undefined {
  try {
    const read = parse(text);
    return 'license' in read && read.license === text && !/Ref-/.test(text) ? 'identifier' : 'expression';
  } catch {
    return undefined;
  }
}
