/** A writer in a process of its own: attaches to the image that each message names, and answers with what it attached. */
import { createClock } from '../../../src/adapters/clock/system-clock.ts';
import type { Descriptor } from '../../../src/model/descriptor.ts';
import { aReferrer } from '../a-signed.ts';
import { testClient } from './client.ts';

export type WriterTask = { readonly host: string; readonly image: Descriptor };
export type WriterReply = { readonly attached: readonly string[]; readonly error?: string };

/** Four times that of a release: ten times what the registry of the test holds a request up, on a machine with other work too. */
const SETTLE_MS = 800;
const clients = new Map<string, ReturnType<typeof testClient>>();

process.on('message', async ({ id, task }: { id: number; task: WriterTask }) => {
  const { host, image } = task;
  const client =
    clients.get(host) ?? testClient({ clock: createClock(), random: Math.random, settleMs: SETTLE_MS });
  clients.set(host, client);
  const referrers = [aReferrer(image), aReferrer(image, { kind: 'signature' })];
  const subject = { repository: { registry: host, path: 'acme/app' }, digest: image.digest };
  const attached = referrers.map(({ manifest }) => manifest.descriptor.digest);
  const reply: WriterReply = await client.attach(subject, referrers).then(
    () => ({ attached }),
    (error) => ({ attached, error: String(error) }),
  );
  process.send?.({ id, reply });
});
