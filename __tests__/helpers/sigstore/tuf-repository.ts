import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalJson } from './log-entries.ts';
import { sha256 } from './merkle.ts';

export type TufOptions = {
  /** Text of a trusted root. */
  readonly trustedRoot: string;
  /** Text of a signing config, which cosign asks for too. */
  readonly signingConfig?: string;
  /** Default: a free one. */
  readonly port?: number;
};

export type RunningTuf = {
  readonly url: string;
  /** Text of the root metadata that a client starts from: the anchor of its trust. */
  readonly root: string;
  /** `GET /timestamp.json 200` */
  readonly requests: readonly string[];
  /** A new version with these targets, signed. */
  publish(targets: Pick<TufOptions, 'trustedRoot' | 'signingConfig'>): void;
  /** From now on the trusted root is another one, which nobody has signed. */
  tamper(trustedRoot: string): void;
  /** The metadata that says what is newest ran out yesterday. */
  expire(): void;
  /** So many (default: all) of the next requests are answered with this status; 0 cuts the connection. */
  failWith(status: number, times?: number): void;
  /** No more failures. */
  heal(): void;
  stop(): Promise<void>;
};

/** A TUF repository as the public instances have one, with `trusted_root.json` in it. https://theupdateframework.github.io/specification/latest/ */
export async function startTufRepository(options: TufOptions): Promise<RunningTuf> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const key = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw.toString('hex') } };
  const keyid = sha256(Buffer.from(canonicalJson(key))).toString('hex');
  const signed = (part: Readonly<Record<string, unknown>>, days = 30): string => {
    const expires = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const body = { spec_version: '1.0.31', expires, ...part };
    const sig = sign(null, Buffer.from(canonicalJson(body)), privateKey).toString('hex');
    return JSON.stringify({ signatures: [{ keyid, sig }], signed: body });
  };
  const role = { keyids: [keyid], threshold: 1 };
  const roles = { root: role, timestamp: role, snapshot: role, targets: role };
  const root = signed({
    _type: 'root',
    version: 1,
    consistent_snapshot: true,
    keys: { [keyid]: key },
    roles,
  });
  const files = new Map<string, string>([['1.root.json', root]]);
  const requests: string[] = [];
  let version = 0;
  let failure = { status: 0, left: 0 };

  const publish: RunningTuf['publish'] = ({ trustedRoot, signingConfig }) => {
    version += 1;
    const contents = {
      'trusted_root.json': trustedRoot,
      ...(signingConfig === undefined ? {} : { 'signing_config.v0.2.json': signingConfig }),
    };
    const targets: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(contents)) {
      const hash = sha256(Buffer.from(text)).toString('hex');
      files.set(`targets/${hash}.${name}`, text);
      targets[name] = { length: Buffer.byteLength(text), hashes: { sha256: hash } };
    }
    files.set(`${version}.targets.json`, signed({ _type: 'targets', version, targets }));
    const named = (name: string) => ({ [name]: { version } });
    files.set(
      `${version}.snapshot.json`,
      signed({ _type: 'snapshot', version, meta: named('targets.json') }),
    );
    files.set('timestamp.json', signed({ _type: 'timestamp', version, meta: named('snapshot.json') }));
  };
  publish(options);

  const server = createServer((request, response) => {
    const file = files.get((request.url ?? '/').slice(1));
    const isFailure = failure.left > 0;
    if (isFailure) failure.left -= 1;
    const status = isFailure ? failure.status : file === undefined ? 404 : 200;
    requests.push(`${request.method} ${request.url} ${status}`);
    if (status === 0) return void response.destroy();
    response.writeHead(status, { 'content-type': 'application/json' }).end(status === 200 ? file : '{}');
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    root,
    requests,
    publish,
    tamper(trustedRoot) {
      for (const name of files.keys()) if (name.endsWith('.trusted_root.json')) files.set(name, trustedRoot);
    },
    expire() {
      const meta = { 'snapshot.json': { version } };
      files.set('timestamp.json', signed({ _type: 'timestamp', version, meta }, -1));
    },
    failWith(status, times = Number.POSITIVE_INFINITY) {
      failure = { status, left: times };
    },
    heal() {
      failure = { status: 0, left: 0 };
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
