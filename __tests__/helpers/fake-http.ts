import type { Http, HttpOptions, HttpOutcome, HttpRequest } from '../../src/ports/http.ts';

type Reply =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | Exclude<HttpOutcome, { kind: 'answer' }>;

/** One attempt for each exchange, answered by the test. A body that is no text and no bytes is sent as JSON. */
export type FakeHttp = Http & {
  readonly requests: readonly (HttpRequest & { readonly options: HttpOptions })[];
};

export function fakeHttp(answer: (request: HttpRequest) => Reply): FakeHttp {
  const requests: (HttpRequest & { options: HttpOptions })[] = [];
  return {
    requests,
    async exchange(make, options = {}) {
      const request = await make();
      requests.push({ ...request, options });
      const reply = answer(request);
      if ('kind' in reply) return reply;
      const { status, body = '', headers = {} } = reply;
      return { kind: 'answer', status, headers, body: bytesOf(body), attempts: 1 };
    },
  };
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}
