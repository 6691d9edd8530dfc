/**
 * The path of a statically linked busybox for Linux: the machine's own, else the one of the image busybox:stable-musl.
 * Copy it to where a Dockerfile takes it from.
 */
export function provideBusybox(): Promise<string>;
