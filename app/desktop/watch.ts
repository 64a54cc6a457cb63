import type { AppEvent } from '../contract/event.ts';
import { fraction } from '../contract/fraction.ts';

export interface Sight {
  /** How far the running job is, 0 to 1; null when none runs. */
  readonly fraction: number | null;
}

/** Looks at what a host pushes to its page, for what the desktop shows of it outside of the page. */
export class Watch {
  #running: string | null = null;

  get running(): boolean {
    return this.#running !== null;
  }

  /** What there is to show after this event; null when nothing changed. */
  see(event: AppEvent): Sight | null {
    if (event.type === 'sidecar' && event.sidecar.state !== 'ready') return this.#idle();
    if (event.type !== 'progress') return null;
    const { progress } = event;
    if (progress.state === 'running') {
      this.#running = progress.job;
      return { fraction: fraction(progress) };
    }
    return progress.job === this.#running ? this.#idle() : null;
  }

  #idle(): Sight {
    this.#running = null;
    return { fraction: null };
  }
}
