/**
 * Says at every beat for how long nothing has been heard. It counts beats, not time: a computer that slept, or an app
 * that was held up itself, must not take the other side for dead.
 */
export class Pulse {
  readonly #timer: NodeJS.Timeout;
  #silent = 0;

  constructor(beat: number, onBeat: (silence: number) => void) {
    this.#timer = setInterval(() => onBeat(beat * this.#silent++), beat);
  }

  heard(): void {
    this.#silent = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
