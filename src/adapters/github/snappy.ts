/**
 * Unpacks Snappy's block format, in which GitHub's store keeps large bundles; undefined when the bytes are not that, or
 * unpack to more than `limit`. https://github.com/google/snappy/blob/main/format_description.txt
 */
export function unpackSnappy(packed: Uint8Array, limit: number): Uint8Array | undefined {
  const head = readLength(packed);
  if (head === undefined || head.length > limit) return undefined;
  const out = new Uint8Array(head.length);
  let from = head.next;
  let to = 0;
  while (from < packed.length) {
    const tag = packed[from] ?? 0;
    if ((tag & 3) === 0) {
      const literal = readLiteral(packed, from);
      const end = literal.start + literal.length;
      if (end > packed.length || to + literal.length > out.length) return undefined;
      out.set(packed.subarray(literal.start, end), to);
      to += literal.length;
      from = end;
    } else {
      const copy = readCopy(packed, from);
      if (copy.offset === 0 || copy.offset > to || to + copy.length > out.length) return undefined;
      // Source and target may overlap: that is how runs are written.
      for (let left = copy.length; left > 0; left -= 1, to += 1) out[to] = out[to - copy.offset] ?? 0;
      from = copy.next;
    }
  }
  return to === out.length ? out : undefined;
}

/** The unpacked length: seven bits in each byte, the low ones first. */
function readLength(bytes: Uint8Array): { readonly length: number; readonly next: number } | undefined {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, next: at + 1 };
  }
  return undefined;
}

function readLiteral(bytes: Uint8Array, at: number): { readonly start: number; readonly length: number } {
  const size = (bytes[at] ?? 0) >> 2;
  if (size < 60) return { start: at + 1, length: size + 1 };
  const more = size - 59;
  return { start: at + 1 + more, length: little(bytes, at + 1, more) + 1 };
}

function readCopy(bytes: Uint8Array, at: number) {
  const tag = bytes[at] ?? 0;
  if ((tag & 3) === 1)
    return { length: ((tag >> 2) & 7) + 4, offset: ((tag >> 5) << 8) | (bytes[at + 1] ?? 0), next: at + 2 };
  const width = (tag & 3) === 2 ? 2 : 4;
  return { length: (tag >> 2) + 1, offset: little(bytes, at + 1, width), next: at + 1 + width };
}

function little(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index += 1) value += (bytes[at + index] ?? 0) * 2 ** (8 * index);
  return value;
}
