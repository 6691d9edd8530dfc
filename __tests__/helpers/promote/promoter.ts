/** A run that moves a channel, in a process of its own: answers how it ended. */

import { createClock } from '../../../src/adapters/clock/system-clock.ts';
import { ReleaseError } from '../../../src/model/errors.ts';
import { testClient } from '../registry/client.ts';
import { type Move, moveChannel, shortClock } from './move.ts';

export type PromoterTask = {
  readonly move: Move /** Sleeps as long as a release does. */;
  readonly isPatient?: boolean;
};
/** The status of the promotion, or the code of its error. */
export type PromoterReply = { readonly end: string };

process.on('message', async ({ id, task }: { id: number; task: PromoterTask }) => {
  const clock = task.isPatient === true ? createClock() : shortClock();
  const end = await moveChannel(task.move, testClient({ clock, random: Math.random }), clock).then(
    ({ status }) => status,
    (error: unknown) => (error instanceof ReleaseError ? error.code : String(error)),
  );
  const reply: PromoterReply = { end };
  process.send?.({ id, reply });
});

process.send?.('ready');
