import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FaultEffect } from './faults.ts';

/** One request as the registry saw it. */
export type RequestLog = {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Bytes of the body that came. */
  bodyBytes: number;
  /** 0 until it is answered; stays 0 when the connection was dropped. */
  status: number;
  /** Nothing more is done for it. */
  isOver: boolean;
  readonly authorization: 'none' | 'basic' | 'bearer';
};

type Effect<K extends FaultEffect['do']> = Extract<FaultEffect, { do: K }>;
type Headers = Readonly<Record<string, string>>;

/** A code of https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes as an answer. */
export class SpecError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Headers;

  constructor(status: number, code: string, message: string, headers: Headers = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** A request and its answer, with the faults that befall them. */
export class Exchange {
  readonly url: URL;
  readonly method: string;
  readonly log: RequestLog;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #effects: readonly FaultEffect[];
  /** The whole body, where it was waited for. */
  #arrived: readonly Buffer[] | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    log: RequestLog,
    effects: readonly FaultEffect[],
  ) {
    this.#request = request;
    this.#response = response;
    this.log = log;
    this.method = log.method;
    this.url = new URL(log.path, `http://${request.headers.host ?? 'localhost'}`);
    this.#effects = effects;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  effect<K extends FaultEffect['do']>(kind: K): Effect<K> | undefined {
    return this.#effects.find((effect): effect is Effect<K> => effect.do === kind);
  }

  /** Waits until the whole body has come: who sent it may go away then. */
  async arrive(): Promise<void> {
    this.#arrived = await this.#request.toArray();
  }

  /**
   * The body as it comes; ends with an error where a fault drops the connection. It is dropped only when that error has been
   * handled, so that what came is stored before the client can know that the rest did not.
   */
  async *body(): AsyncGenerator<Buffer> {
    const limit = this.effect('drop')?.afterBytes ?? Number.POSITIVE_INFINITY;
    for await (const chunk of this.#arrived ?? this.#request.iterator({ destroyOnReturn: false })) {
      const left = limit - this.log.bodyBytes;
      this.log.bodyBytes += Math.min(chunk.length, left);
      if (chunk.length >= left) {
        yield chunk.subarray(0, left);
        throw new Error('dropped by a fault');
      }
      yield chunk;
    }
  }

  async bytes(limit: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of this.body()) {
      length += chunk.length;
      if (length > limit) throw new SpecError(413, 'SIZE_INVALID', 'the body is too large');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  drop(): void {
    this.#response.destroy();
    this.#request.destroy();
  }

  async reply(
    status: number,
    headers: Headers = {},
    body: Buffer | Readable = Buffer.alloc(0),
    length?: number,
  ): Promise<void> {
    if (this.effect('mute') !== undefined) return this.drop();
    const changed = this.effect('header');
    const all: Record<string, string> = { ...headers };
    if (changed !== undefined) all[changed.name.toLowerCase()] = changed.value;
    const size = length ?? (Buffer.isBuffer(body) ? body.length : 0);
    if (status !== 204) all['content-length'] = String(size);
    this.log.status = status;
    // What was not read of the body is let go, so that the connection stays usable.
    this.#request.resume();
    this.#response.writeHead(status, all);
    if (this.method === 'HEAD' || size === 0) this.#response.end();
    else await this.#send(Buffer.isBuffer(body) ? Readable.from([body]) : body);
  }

  async #send(body: Readable): Promise<void> {
    const truncate = this.effect('truncate');
    const corrupt = this.effect('corrupt') !== undefined;
    if (truncate === undefined && !corrupt) return pipeline(body, this.#response);
    let left = truncate?.bytes ?? Number.POSITIVE_INFINITY;
    for await (const chunk of body) {
      const part = Buffer.from(chunk.subarray(0, left));
      if (corrupt) part.writeUInt8(part.readUInt8(0) ^ 1, 0);
      left -= part.length;
      await new Promise((done) => this.#response.write(part, done));
      if (left === 0) {
        this.drop();
        return;
      }
    }
    this.#response.end();
  }

  json(status: number, value: unknown, headers: Headers = {}): Promise<void> {
    const body = Buffer.from(JSON.stringify(value));
    return this.reply(status, { 'content-type': 'application/json', ...headers }, body);
  }

  error(error: SpecError): Promise<void> {
    const errors = [{ code: error.code, message: error.message }];
    return this.json(error.status, { errors }, error.headers);
  }
}
