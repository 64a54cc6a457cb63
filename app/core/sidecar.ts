import type { SidecarState } from '../contract/event.ts';
import { Refusal } from '../contract/refusal.ts';
import { type Command, Life } from './life.ts';
import type { Line } from './lines.ts';
import { LogBook } from './log.ts';
import type { Op, Reply } from './wire.ts';

export interface SidecarHooks {
  progress(body: unknown): void;
  log(line: ReturnType<LogBook['add']> & object): void;
  state(state: SidecarState): void;
}

export interface Patience {
  /** How long `hello` may take; Python starts slowly from a cold disk. */
  readonly start: number;
  readonly restarts: number;
  readonly within: number;
  readonly backoff: number;
}

const usual: Patience = { start: 60_000, restarts: 3, within: 600_000, backoff: 500 };

/** The sidecar as the app knows it: one process after another, started again with back-off, at most 3 times in 10 min. */
export class Sidecar {
  readonly log = new LogBook();
  readonly #command: Command;
  readonly #hooks: SidecarHooks;
  readonly #patience: Patience;
  #life: Life | null = null;
  #state: SidecarState = { state: 'stopped', message: null };
  #deaths: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  #stopping = false;
  #dataFolder = '';

  constructor(command: Command, hooks: SidecarHooks, patience: Partial<Patience> = {}) {
    this.#command = command;
    this.#hooks = hooks;
    this.#patience = { ...usual, ...patience };
  }

  get state(): SidecarState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#life?.pid;
  }

  get dataFolder(): string {
    return this.#dataFolder;
  }

  /** Starts it and waits for its `hello`; throws in words when it does not come. */
  async start(): Promise<Reply<'hello'>> {
    this.#stopping = false;
    this.#say('starting');
    return this.#begin();
  }

  /** Starts it after it had been given up; the count of deaths begins anew. */
  async restart(): Promise<void> {
    if (this.#state.state !== 'failed') return;
    this.#deaths = [];
    await this.start();
  }

  ask<O extends Op>(op: O, fields: Record<string, unknown> = {}, timeout = 30_000): Promise<Reply<O>> {
    if (!this.#life) {
      const hint = this.#state.state === 'failed' ? 'Press “Start again”.' : 'It is starting; try again in a moment.';
      return Promise.reject(new Refusal('ENGINE_CRASHED', 'The background process is not running.', hint));
    }
    return this.#life.ask(op, fields, timeout);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#timer) clearTimeout(this.#timer);
    const life = this.#life;
    this.#life = null;
    await life?.stop();
    this.#say('stopped');
  }

  async #begin(): Promise<Reply<'hello'>> {
    const life = new Life(this.#command, {
      progress: (body) => this.#hooks.progress(body),
      log: (line) => this.#note(line),
      exit: (how) => this.#exited(life, how),
    });
    this.#life = life;
    const hello = await life.ask('hello', {}, this.#patience.start).catch(async (error: unknown) => {
      await life.stop(0);
      throw error;
    });
    if (hello.protocol !== 1) {
      await life.stop();
      throw new Refusal(
        'PROTOCOL',
        `The sidecar speaks protocol ${hello.protocol}; this app speaks 1.`,
        'Run npm run setup.',
      );
    }
    this.#dataFolder = hello.data_folder;
    this.#say('ready');
    return hello;
  }

  #note(line: Line): void {
    const entry = this.log.add(line);
    if (entry) this.#hooks.log(entry);
  }

  #exited(life: Life, how: string): void {
    if (this.#life === life) this.#life = null;
    if (this.#stopping) return;
    void life.stop(0); // whoever is left of its group
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < this.#patience.within), now];
    const message = `The background process stopped (${how}).`;
    if (this.#deaths.length > this.#patience.restarts) {
      this.#say('failed', [message, ...this.log.tail(200)].join('\n'));
      return;
    }
    this.#say('restarting', message);
    const wait = this.#patience.backoff * 2 ** (this.#deaths.length - 1);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#begin().catch(() => {}); // its exit has been counted already
    }, wait);
  }

  #say(state: SidecarState['state'], message: string | null = null): void {
    this.#state = { state, message };
    this.#hooks.state(this.#state);
  }
}
