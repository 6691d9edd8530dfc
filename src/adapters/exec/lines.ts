import { StringDecoder } from 'node:string_decoder';

export type LineSplitter = { push(chunk: Uint8Array): void; end(): void };

/**
 * Cuts a stream of bytes into lines, whatever the chunks are. `\n`, `\r\n` and a lone `\r` (progress bars) end a line.
 * Of a line longer than `limit` characters the first part is kept, ended by `…`, so that memory stays bounded.
 */
export function splitLines(onLine: (line: string) => void, limit: number): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let cut = false;
  let afterReturn = false;

  const add = (text: string): void => {
    if (cut) return;
    rest += text;
    if (rest.length <= limit) return;
    rest = `${rest.slice(0, limit)}…`;
    cut = true;
  };
  const flush = (): void => {
    onLine(rest);
    rest = '';
    cut = false;
  };
  const take = (text: string): void => {
    const body = afterReturn && text.startsWith('\n') ? text.slice(1) : text;
    if (text.length > 0) afterReturn = text.endsWith('\r');
    const lines = body.split(/\r\n|\n|\r/);
    for (const [i, line] of lines.entries()) {
      if (i > 0) flush();
      add(line);
    }
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (rest !== '') flush();
    },
  };
}
