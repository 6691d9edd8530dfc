/** What `docker buildx bake --print` made of the user's files or of ours: the graph, before anything is built. */
export type ResolvedBuild = {
  /** Targets that become images, in order; targets that only serve as parents are in `targets` too. */
  readonly selected: readonly string[];
  readonly targets: Readonly<Record<string, ResolvedTarget>>;
  /** All that bake printed, every text literal (no template of HCL): the build is made from this. */
  readonly printed?: BakeDocument;
};

export type ResolvedTarget = {
  readonly name: string;
  /** Targets named by `contexts: { x = "target:y" }`. */
  readonly parents: readonly string[];
  readonly platforms: readonly string[];
  /** Inline attestations that the user's file asks for. */
  readonly attests: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** The whole resolved definition as printed, for the plan hash: without outputs, tags, caches. Secret values are never in it. */
  readonly definition: Readonly<Record<string, unknown>>;
};

/** A file for `buildx bake --file`: targets by name, in bake's JSON form. */
export type BakeDocument = {
  readonly group?: Readonly<Record<string, { readonly targets: readonly string[] }>>;
  readonly target: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

/**
 * A literal for a JSON bake file. HCL reads every JSON string there, keys too, as a template: a build argument
 * `${…}` would be evaluated. https://github.com/hashicorp/hcl/blob/main/json/spec.md#strings
 */
export function bakeText(text: string): string {
  return text.replace(/[$%]+\{/g, (start) => start.replace(/[$%]/g, (sign) => `\${"${sign}"}`));
}
