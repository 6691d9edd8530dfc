import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to outgoing connections, which could take one before a server listens on it. */
const [FIRST, LAST] = [20_000, 32_000];

/** A TCP port of 127.0.0.1 that nothing listens on right now. */
export async function freePort() {
  let port = randomInt(FIRST, LAST);
  while (!(await isFree(port))) port = randomInt(FIRST, LAST);
  return port;
}

function isFree(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
