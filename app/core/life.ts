import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Trouble } from '../contract/failure.ts';
import { Refusal } from '../contract/refusal.ts';
import { type Line, Lines } from './lines.ts';
import { here } from './platform.ts';
import { Pulse } from './pulse.ts';
import { Questions } from './questions.ts';
import { exited, notStarted, silent } from './troubles.ts';
import { type Op, type Reply, understand } from './wire.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Hooks {
  progress(body: unknown): void;
  download(body: unknown): void;
  log(line: Line): void;
  /** It is over, for whatever reason; said once. */
  exit(why: Trouble): void;
}

/** For how many milliseconds it may be silent; every line it says, log or not, counts. */
export interface Silence {
  /** Until it has said hello: Python starts slowly from a cold disk. */
  readonly start: number;
  /** Later on, when it answers a ping in milliseconds whatever the GPU does. */
  readonly silence: number;
  readonly beat: number;
}

/** One life of the sidecar process: from its start to its exit, with every question it was asked. */
export class Life {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #questions = new Questions();
  readonly #hooks: Hooks;
  readonly #pulse: Pulse;
  readonly #gone: Promise<void>;
  #left = false;
  #over: Trouble | null = null;
  #greeted = false;

  constructor(command: Command, hooks: Hooks, patience: Silence) {
    this.#hooks = hooks;
    const { cwd, env } = command;
    this.#child = spawn(command.file, [...command.args], { cwd, env, shell: false, stdio: 'pipe', ...here.options });
    this.#pulse = new Pulse(patience.beat, (silence) => this.#beat(silence, patience));
    this.#listen();
    this.#gone = new Promise((resolve) => {
      const leave = (why: Trouble): void => {
        this.#left = true;
        resolve();
        this.#end(why);
      };
      this.#child.once('error', (error: NodeJS.ErrnoException) =>
        leave(notStarted(command.file, error.code ?? error.message)),
      );
      this.#child.once('close', (code, signal) => leave(exited(code, signal)));
      // Somebody it started may hold its pipes open; its last words are waited for, but not for ever.
      this.#child.once('exit', (code, signal) => setTimeout(() => leave(exited(code, signal)), 1000).unref());
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Waits for its first word, for as long as it gives signs of life. */
  async hello(): Promise<Reply<'hello'>> {
    const hello = await this.#ask('hello', {}, null);
    this.#greeted = true;
    return hello;
  }

  ask<O extends Op>(op: O, fields: Record<string, unknown>, timeout: number): Promise<Reply<O>> {
    return this.#ask(op, fields, timeout);
  }

  /** Ends it: a word, then the end of its stdin, then everything it started, each only if the one before was not enough. */
  async stop(grace = 500): Promise<void> {
    this.#pulse.stop();
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (!this.#left && grace > 0) {
      this.#child.stdin.write('{"op":"shutdown","id":"bye"}\n');
      this.#child.stdin.end();
      await this.#within(grace);
    }
    await here.end(pid, () => !this.#left);
    await this.#within(300);
  }

  #ask<O extends Op>(op: O, fields: Record<string, unknown>, timeout: number | null): Promise<Reply<O>> {
    if (this.#over) return Promise.reject(Refusal.of(this.#over));
    return this.#questions.ask(op, timeout, (id) => {
      this.#child.stdin.write(`${JSON.stringify({ ...fields, op, id })}\n`);
    });
  }

  #beat(silence: number, patience: Silence): void {
    const allowed = this.#greeted ? patience.silence : patience.start;
    if (silence >= allowed) this.#end(silent(allowed / 1000));
    else if (this.#greeted) this.#ask('ping', {}, allowed).catch(() => {}); // the pulse tells of silence
  }

  #end(why: Trouble): void {
    if (this.#over) return;
    this.#over = why;
    this.#pulse.stop();
    this.#questions.refuse(why);
    this.#hooks.exit(why);
  }

  async #within(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    const late = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#gone, late]);
    timer.abort();
  }

  #listen(): void {
    const hear = ({ text }: Line): void => {
      const said = understand(text);
      if (said.kind === 'progress') this.#hooks.progress(said.body);
      else if (said.kind === 'download') this.#hooks.download(said.body);
      else if (said.kind === 'reply') said.id !== null && this.#questions.answer(said.id, said.body);
      else if (said.kind === 'noise') this.#hooks.log({ text, transient: false });
    };
    // Always read, whatever the windows do: a full pipe would stall the GPU.
    this.#read(this.#child.stdout, new Lines(), hear);
    this.#read(this.#child.stderr, new Lines({ bars: true, longest: 64 * 1024 }), (line) => this.#hooks.log(line));
    this.#child.stdin.on('error', () => {}); // EPIPE: its exit says it better
  }

  /** Hands over every line of a stream, to the last. */
  #read(stream: Readable, lines: Lines, hear: (line: Line) => void): void {
    const all = (some: Line[]): void => {
      this.#pulse.heard();
      for (const line of some) hear(line);
    };
    stream.on('data', (bytes: Buffer) => all(lines.push(bytes)));
    stream.on('end', () => all(lines.end()));
  }
}
