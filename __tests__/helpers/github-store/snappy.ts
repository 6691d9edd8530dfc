/** Snappy block format, with real back references. https://github.com/google/snappy/blob/main/format_description.txt */
export function snappyCompress(bytes: Buffer): Buffer {
  const out: Buffer[] = [varint(bytes.length)];
  const seen = new Map<number, number>();
  let literal = 0;
  let at = 0;
  while (at + 4 <= bytes.length) {
    const word = bytes.readUInt32LE(at);
    const before = seen.get(word);
    seen.set(word, at);
    if (before === undefined || at - before > 0xffff) {
      at += 1;
      continue;
    }
    let length = 4;
    while (length < 64 && at + length < bytes.length && bytes[before + length] === bytes[at + length])
      length += 1;
    out.push(...literals(bytes.subarray(literal, at)), copy(at - before, length));
    at += length;
    literal = at;
  }
  out.push(...literals(bytes.subarray(literal)));
  return Buffer.concat(out);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}

/** Tag 00 with the length minus one in two bytes after it. */
function literals(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 0x10000) {
    const part = bytes.subarray(at, at + 0x10000);
    const head = Buffer.from([61 << 2, 0, 0]);
    head.writeUInt16LE(part.length - 1, 1);
    parts.push(head, part);
  }
  return parts;
}

/** Tag 10: the length minus one, then the offset in two bytes. */
function copy(offset: number, length: number): Buffer {
  const bytes = Buffer.from([((length - 1) << 2) | 2, 0, 0]);
  bytes.writeUInt16LE(offset, 1);
  return bytes;
}
