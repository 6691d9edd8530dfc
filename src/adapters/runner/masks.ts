/** Shorter values would blank the log and tell more by their gaps than they hide. */
const SHORTEST = 4;
/** A piece of base64 shorter than this would be found in innocent text. */
const SHORTEST_BASE64 = 6;

/** Lines that many secrets share and that are none: `}`, `----`, `"true",`, the frame of a PEM. */
const TRIVIAL =
  /^[^\p{L}\p{N}]*(?:true|false|null|none|-----(?:BEGIN|END) [A-Z0-9 ]+-----)?[^\p{L}\p{N}]*$/iu;

/** What must not be printed. Grows only. */
export type Masks = {
  /** Hides the secret from now on; returns the forms that were not hidden before, for the runner's own masks. */
  add(secret: string): readonly string[];
  /** The text with `***` in place of every form of every secret. */
  redact(text: string): string;
};

export function createMasks(): Masks {
  const known = new Set<string>();
  let pattern: RegExp | undefined;
  return {
    add(secret) {
      const fresh = secretForms(secret).filter((form) => !known.has(form));
      for (const form of fresh) known.add(form);
      if (fresh.length > 0) pattern = anyOf(known);
      return fresh;
    },
    redact: (text) => (pattern === undefined ? text : text.replace(pattern, '***')),
  };
}

/**
 * The forms in which a secret may turn up, longest first: itself, each line of it, JSON-escaped, URL-encoded, in base64
 * (also inside a longer text, so that `user:password` in base64 is covered by the password alone).
 */
export function secretForms(secret: string): readonly string[] {
  const whole = [secret, secret.trim()].filter(isLongEnough);
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim());
  const own = lines.length === 1 ? [] : lines.filter((line) => isLongEnough(line) && !TRIVIAL.test(line));
  const plain = [...whole, ...own];
  const forms = [
    ...plain.flatMap((text) => [text, jsonEscaped(text), ...urlEncoded(text)]),
    ...whole.flatMap(base64Forms),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function isLongEnough(text: string): boolean {
  return text.trim().length >= SHORTEST;
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function urlEncoded(text: string): readonly string[] {
  const upper = encodeURIComponent(text.toWellFormed());
  const lower = upper.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase());
  return [upper, lower, upper.replaceAll('%20', '+')];
}

/**
 * The base64 of the text alone, and the part of it that stays the same at each of the three places where the text can
 * start in a group of three bytes. https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
function base64Forms(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const inside = [0, 1, 2].map((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const tail = encoded.endsWith('==') ? 3 : encoded.endsWith('=') ? 2 : 0;
    return encoded.slice(shift === 0 ? 0 : shift + 1, encoded.length - tail);
  });
  const forms = [bytes.toString('base64'), ...inside].filter((form) => form.length >= SHORTEST_BASE64);
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function anyOf(forms: ReadonlySet<string>): RegExp {
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const sources = longestFirst.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(sources.join('|'), 'g');
}
