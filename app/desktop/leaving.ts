import type { Words } from './words.ts';

export interface Steps {
  /** Whether the person is sure; true where nothing would be lost. */
  ask(): Promise<boolean>;
  /** Ends whatever we have started. */
  stop(): Promise<unknown>;
  /** Ends us; comes back here as a quit that is let through. */
  quit(): void;
}

/** What is asked before a running job is given up; going on is the first answer, and that of Esc. */
export const question = ({ quit: { title, detail, stay, leave } }: Words) => ({
  type: 'question' as const,
  message: title,
  detail,
  buttons: [stay, leave],
  defaultId: 0,
  cancelId: 0,
  noLink: true,
});

/** The one way out: ask, stop, quit, each once, however often and from wherever somebody wants to leave. */
export class Leaving {
  readonly #steps: Steps;
  #state: 'here' | 'asking' | 'leaving' | 'gone' = 'here';

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  /** Whether a quit may be let through. */
  get done(): boolean {
    return this.#state === 'gone';
  }

  /** Whether what we started is being ended, so that its failing is no news. */
  get begun(): boolean {
    return this.#state === 'leaving' || this.#state === 'gone';
  }

  /** Somebody at the window wants to leave. */
  async ask(): Promise<void> {
    if (this.#state !== 'here') return;
    this.#state = 'asking';
    const sure = await this.#steps.ask();
    if (this.#state !== 'asking') return; // meanwhile somebody else has decided
    this.#state = 'here';
    if (sure) await this.now();
  }

  /** The terminal, or the system, wants us to leave. */
  async now(): Promise<void> {
    if (this.begun) return;
    this.#state = 'leaving';
    await this.#steps.stop().catch(console.error);
    this.#state = 'gone';
    this.#steps.quit();
  }
}
