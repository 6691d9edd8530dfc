import type { Platform } from './descriptor.ts';

/**
 * A folder with a module's manifest.json and no Dockerfile: what the Dockerfile that is made for it follows from. Nothing
 * of the manifest but the entrypoint reaches the build, and that only in its checked form.
 */
export type ModuleImage = {
  /** manifest.json relative to the workspace, for messages. */
  readonly manifestPath: string;
  /** `package.module:Class`, of letters, digits, `_` and dots alone; undefined when the manifest has another form. */
  readonly entrypoint?: string;
  /** As written, where it cannot be used. */
  readonly strangeEntrypoint?: string;
  /** Undefined when the module has no requirements. */
  readonly requirements?: {
    /** Relative to the module: `backend/requirements.lock.txt` before `backend/requirements.txt`. */
    readonly file: string;
    /** It pins by hash. */
    readonly hashed: boolean;
    /** The SDK is among them. */
    readonly sdk: boolean;
  };
  /** There is a `frontend/package.json`. */
  readonly ui?: { readonly locked: boolean };
  readonly description?: string;
};

/** The one that the platform runs, for modules that name none: so does its own tool. */
export const MODULE_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

/** Where the platform's own tool starts from. */
export const MODULE_BASE_IMAGE = 'ghcr.io/alitheabio/hla-compass-module-runtime:py311-trixie';
