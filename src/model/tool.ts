import type { ToolVersion } from './release.ts';

export type ToolName = 'trivy' | 'syft';

/** A tool that has answered with its version, and where it stands on the runner. */
export type Tool = ToolVersion & { readonly name: ToolName; readonly path: string };
