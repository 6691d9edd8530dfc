import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that nothing can compress, the same for the same seed. */
export function incompressible(seed: string, size: number): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

const WORDS =
  'module release runs from the tag to a verified image with evidence beside every layer of it'.split(' ');

/** Words in lines: compresses to about a quarter, as programs and their texts do. */
export function text(seed: string, size: number): Buffer {
  const choices = incompressible(seed, Math.ceil(size / 4));
  const out = Buffer.alloc(size, ' ');
  for (let at = 0, i = 0; at < size; i += 1) {
    const choice = choices[i % choices.length]!;
    const word = choice < 200 ? WORDS[choice % WORDS.length]! : (choice * (i + 1)).toString(36);
    at += out.write(i % 12 === 11 ? `${word}\n` : `${word} `, at);
  }
  return out;
}
