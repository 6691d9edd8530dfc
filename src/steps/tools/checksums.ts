/** `<64 hex digits>  <file>`, as sha256sum writes it; a star before the name means binary mode. */
const LINE = /^(?<hex>[0-9a-fA-F]{64}) [ *](?<file>\S+)$/;

/**
 * The SHA-256 of a file in a checksums file, in hex; undefined when the file is not listed, or listed with several. Whose
 * the text is must be proven before.
 */
export function listedChecksum(text: string, file: string): string | undefined {
  const listed = text.split(/\r?\n/).flatMap((line) => {
    const groups = LINE.exec(line)?.groups;
    return groups?.file === file && groups.hex !== undefined ? [groups.hex.toLowerCase()] : [];
  });
  const [only, ...others] = new Set(listed);
  return others.length > 0 ? undefined : only;
}
