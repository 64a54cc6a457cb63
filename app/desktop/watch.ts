import type { AppEvent } from '../contract/event.ts';
import { fraction } from '../contract/fraction.ts';
import { isOver } from '../contract/phase.ts';

export interface Sight {
  /** How far the running job is, 0 to 1; null when none runs. */
  readonly fraction: number | null;
  /** What has just ended, if it is worth telling somebody who looks elsewhere. */
  readonly ended: 'done' | 'failed' | null;
}

/** Looks at what a host pushes to its page, for what the desktop shows of it outside of the page. */
export class Watch {
  #running: string | null = null;
  #fraction: number | null = null;

  get running(): boolean {
    return this.#running !== null;
  }

  /** What there is to show after this event; null when nothing changed. */
  see(event: AppEvent): Sight | null {
    if (event.type === 'sidecar' && event.sidecar.state !== 'ready') return this.#idle(null);
    if (event.type !== 'progress') return null;
    const { progress } = event;
    if (progress.state === 'running') {
      this.#running = progress.job;
      this.#fraction = fraction(progress);
      return { fraction: this.#fraction, ended: null };
    }
    if (progress.job !== this.#running && !isOver(progress.state)) return null;
    const ended = progress.state === 'done' || progress.state === 'failed' ? progress.state : null;
    return progress.job === this.#running || this.#running === null
      ? this.#idle(ended)
      : { fraction: this.#fraction, ended };
  }

  #idle(ended: Sight['ended']): Sight {
    this.#running = null;
    this.#fraction = null;
    return { fraction: null, ended };
  }
}
