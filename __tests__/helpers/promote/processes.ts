import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PromoterReply, PromoterTask } from './promoter.ts';

export type Promoter = {
  /** `killed` when the process ended before it had an answer. */
  do(task: PromoterTask): Promise<PromoterReply>;
  /** SIGKILL: nothing is cleaned up. */
  kill(): Promise<void>;
};

/** A process that is ready to move channels. */
export async function startPromoter(): Promise<Promoter> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'promoter.ts'), { execArgv: [] });
  const waiting = new Map<number, (reply: PromoterReply) => void>();
  const isReady = once(child, 'message');
  child.on('message', (message: 'ready' | { id: number; reply: PromoterReply }) => {
    if (message !== 'ready') waiting.get(message.id)?.(message.reply);
  });
  const gone = once(child, 'exit').then(() => {
    for (const answer of waiting.values()) answer({ end: 'killed' });
  });
  await isReady;
  let last = 0;
  return {
    do: (task) =>
      new Promise((answer) => {
        last += 1;
        waiting.set(last, answer);
        child.send({ id: last, task }, () => undefined);
      }),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
