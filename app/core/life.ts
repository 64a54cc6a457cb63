import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from '../contract/refusal.ts';
import { type Line, Lines } from './lines.ts';
import { type Op, type Reply, replies, SaidFailure, understand } from './wire.ts';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Hooks {
  progress(body: unknown): void;
  log(line: Line): void;
  exit(how: string): void;
}

interface Waiting {
  settle(body: Record<string, unknown>): void;
  refuse(why: Refusal): void;
}

const windows = process.platform === 'win32';

/** One life of the sidecar process: from its start to its exit, with every question it was asked. */
export class Life {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<string, Waiting>();
  readonly #gone: Promise<void>;
  #over = false;
  #asked = 0;

  constructor(command: Command, hooks: Hooks) {
    // Its own group on POSIX, so that the engine and ffmpeg can be ended with it.
    this.#child = spawn(command.file, [...command.args], {
      cwd: command.cwd,
      env: command.env,
      shell: false,
      windowsHide: true,
      detached: !windows,
      stdio: 'pipe',
    });
    this.#listen(hooks);
    this.#gone = new Promise((resolve) => {
      const leave = (how: string): void => {
        if (this.#over) return;
        this.#over = true;
        for (const one of this.#waiting.values()) one.refuse(stopped(how));
        this.#waiting.clear();
        resolve();
        hooks.exit(how);
      };
      this.#child.once('error', (error) => leave(error.message));
      this.#child.once('close', (code, signal) => leave(signal ? `signal ${signal}` : `exit code ${code}`));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  ask<O extends Op>(op: O, fields: Record<string, unknown>, timeout: number): Promise<Reply<O>> {
    const id = String(++this.#asked);
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(stopped('it has already left'));
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(
          new Refusal(
            'PROTOCOL',
            `The background process did not answer “${op}” in ${timeout / 1000} s.`,
            'Try again.',
          ),
        );
      }, timeout);
      this.#waiting.set(id, {
        settle: (body) => {
          clearTimeout(timer);
          if ('code' in body && typeof body.code === 'string') {
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
      this.#child.stdin.write(`${JSON.stringify({ ...fields, op, id })}\n`);
    });
  }

  /** Ends it: a word, then the end of its stdin, then the whole group, each only if the one before was not enough. */
  async stop(grace = 500): Promise<void> {
    const pid = this.#child.pid;
    if (pid === undefined) return;
    if (!this.#over) {
      this.#child.stdin.write('{"op":"shutdown","id":"bye"}\n');
      this.#child.stdin.end();
      await this.#within(grace);
    }
    if (windows) {
      // The tree can only be walked while its root is alive.
      if (!this.#over) await new Promise((done) => execFile('taskkill', ['/PID', String(pid), '/T', '/F'], done));
      return;
    }
    if (!alive(pid)) return;
    signal(pid, 'SIGTERM');
    for (let waited = 0; waited < 200 && alive(pid); waited += 20) await sleep(20);
    signal(pid, 'SIGKILL');
    await this.#within(300);
  }

  #within(milliseconds: number): Promise<void> {
    const timer = new AbortController();
    return Promise.race([this.#gone, sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => {})]).finally(
      () => timer.abort(),
    );
  }

  #listen(hooks: Hooks): void {
    const hear = ({ text }: Line): void => {
      const said = understand(text);
      if (said.kind === 'progress') hooks.progress(said.body);
      if (said.kind === 'noise' && text !== '') hooks.log({ text, transient: false });
      if (said.kind !== 'reply' || said.id === null) return;
      this.#waiting.get(said.id)?.settle(said.body);
      this.#waiting.delete(said.id);
    };
    // Always read, whatever the windows do: a full pipe would stall the GPU.
    read(this.#child.stdout, new Lines(), hear);
    read(this.#child.stderr, new Lines({ bars: true, longest: 64 * 1024 }), (line) => hooks.log(line));
    this.#child.stdin.on('error', () => {}); // EPIPE: its exit says it better
  }
}

/** Hands over every line of a stream, to the last. */
function read(stream: Readable, lines: Lines, hear: (line: Line) => void): void {
  const all = (some: Line[]): void => {
    for (const line of some) hear(line);
  };
  stream.on('data', (bytes: Buffer) => all(lines.push(bytes)));
  stream.on('end', () => all(lines.end()));
}

const stopped = (how: string): Refusal =>
  new Refusal(
    'ENGINE_CRASHED',
    `The background process stopped (${how}).`,
    'It starts again by itself; try once more.',
  );

const unreadable = (op: string, where?: string): Refusal =>
  new Refusal('PROTOCOL', `The answer to “${op}” could not be read${where ? ` (${where})` : ''}.`, 'See the log.');

/** Whether anybody of the group still lives, whoever leads it. */
const alive = (pid: number): boolean => {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
};

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(-pid, name);
  } catch {
    // already gone
  }
};
