/** The identifier of one license (`MIT`), or an expression (`MIT OR Apache-2.0`). https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/ */
export type LicenseForm = 'identifier' | 'expression';

/** What SPDX knows of licenses. */
export interface Licenses {
  /** The list is loaded once; then each text is what it is to SPDX, or undefined: some other name of a license. */
  load(): Promise<(text: string) => LicenseForm | undefined>;
}
