import type { LogLine, SidecarState } from '../contract/event.ts';
import type { Trouble } from '../contract/failure.ts';
import { Refusal } from '../contract/refusal.ts';
import { type Command, Life, type Silence } from './life.ts';
import type { Line } from './lines.ts';
import { LogBook } from './log.ts';
import { notRunning, otherProtocol } from './troubles.ts';
import type { Op, Reply } from './wire.ts';

export interface SidecarHooks {
  progress(body: unknown): void;
  download(body: unknown): void;
  log(line: LogLine): void;
  state(state: SidecarState): void;
}

/** All in milliseconds, but for the number of `restarts` that are tried `within` a time. */
export interface Patience extends Silence {
  readonly restarts: number;
  readonly within: number;
  readonly backoff: number;
}

const usual: Patience = {
  start: 60_000,
  silence: 30_000,
  beat: 5_000,
  restarts: 3,
  within: 600_000,
  backoff: 500,
};

const PROTOCOL = 1;

/** The sidecar as the app knows it: one process after another, started again with back-off, at most 3 times in 10 min. */
export class Sidecar {
  readonly log = new LogBook();
  readonly #command: Command;
  readonly #hooks: SidecarHooks;
  readonly #patience: Patience;
  #life: Life | null = null;
  #state: SidecarState = { state: 'stopped', why: null, tail: [] };
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
    return this.#life?.ask(op, fields, timeout) ?? Promise.reject(notRunning(this.#state.state === 'failed'));
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
    const life = new Life(
      this.#command,
      {
        progress: (body) => this.#hooks.progress(body),
        download: (body) => this.#hooks.download(body),
        log: (line) => this.#note(line),
        exit: (why) => void this.#exited(life, why),
      },
      this.#patience,
    );
    this.#life = life;
    try {
      const hello = await life.hello();
      if (hello.protocol !== PROTOCOL) throw Refusal.of(otherProtocol(hello.protocol, PROTOCOL));
      this.#dataFolder = hello.data_folder;
      this.#say('ready');
      return hello;
    } catch (error) {
      // It lives, but will not work with us, and another try would hear the same.
      if (this.#life === life && error instanceof Refusal) await this.#giveUp(life, error.failure);
      throw error;
    }
  }

  #note(line: Line): void {
    const entry = this.log.add(line);
    if (entry) this.#hooks.log(entry);
  }

  async #exited(life: Life, why: Trouble): Promise<void> {
    const ours = this.#life === life;
    if (ours) this.#life = null;
    await life.stop(0); // whoever is left of it: the next one needs the data folder
    if (!ours || this.#stopping) return;
    const now = Date.now();
    this.#deaths = [...this.#deaths.filter((at) => now - at < this.#patience.within), now];
    if (this.#deaths.length > this.#patience.restarts) return this.#say('failed', why);
    this.#say('restarting', why);
    const wait = this.#patience.backoff * 2 ** (this.#deaths.length - 1);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#begin().catch(() => {}); // its exit has been counted already
    }, wait);
  }

  async #giveUp(life: Life, { code, message, hint, case: name, values }: Trouble): Promise<void> {
    this.#life = null;
    await life.stop();
    if (!this.#stopping) this.#say('failed', { code, message, hint, case: name, values });
  }

  #say(state: SidecarState['state'], why: Trouble | null = null): void {
    this.#state = { state, why, tail: state === 'failed' ? this.log.tail(200) : [] };
    this.#hooks.state(this.#state);
  }
}
