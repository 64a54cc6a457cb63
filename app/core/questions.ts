import type { Trouble } from '../contract/failure.ts';
import { Refusal } from '../contract/refusal.ts';
import { unanswered, unreadable } from './troubles.ts';
import { type Op, type Reply, replies, SaidFailure } from './wire.ts';

interface Waiting {
  settle(body: Record<string, unknown>): void;
  refuse(why: Refusal): void;
}

/** The questions one process was asked and has not answered yet. */
export class Questions {
  readonly #waiting = new Map<string, Waiting>();
  #asked = 0;

  /** `write` sends the question; without a `timeout` it waits for as long as the process lives. */
  ask<O extends Op>(op: O, timeout: number | null, write: (id: string) => void): Promise<Reply<O>> {
    const id = String(++this.#asked);
    return new Promise((resolve, reject) => {
      const late = (): void => {
        this.#waiting.delete(id);
        reject(unanswered(op, (timeout ?? 0) / 1000));
      };
      const timer = timeout === null ? undefined : setTimeout(late, timeout);
      this.#waiting.set(id, {
        settle: (body) => {
          clearTimeout(timer);
          if (typeof body.code === 'string') {
            const said = SaidFailure.safeParse(body);
            return reject(said.success ? Refusal.of(said.data) : unreadable(op));
          }
          const answer = replies[op].safeParse(body);
          if (answer.success) resolve(answer.data as Reply<O>);
          else reject(unreadable(op, answer.error.issues[0]?.path.join('.')));
        },
        refuse: (why) => {
          clearTimeout(timer);
          reject(why);
        },
      });
      write(id);
    });
  }

  answer(id: string, body: Record<string, unknown>): void {
    const one = this.#waiting.get(id);
    this.#waiting.delete(id);
    one?.settle(body);
  }

  /** No answer will come any more. */
  refuse(why: Trouble): void {
    for (const one of this.#waiting.values()) one.refuse(Refusal.of(why));
    this.#waiting.clear();
  }
}
