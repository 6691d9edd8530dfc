import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type CountingProxy = {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** Bytes that came from clients so far. */
  sent(): number;
  stop(): Promise<void>;
};

/** Stands before a service on loopback and counts what is sent to it. */
export async function countingProxy(target: string): Promise<CountingProxy> {
  const [name, port] = target.split(':');
  const open = new Set<Socket>();
  let sent = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), name);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      sent += chunk.byteLength;
    });
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    host: `127.0.0.1:${address.port}`,
    sent: () => sent,
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
