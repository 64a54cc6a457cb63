import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppEvent, SidecarState } from '../contract/event.ts';
import { isMethod, type Method, methods, type Params, type Result } from '../contract/method.ts';
import { type Input, MediaId } from '../contract/request.ts';
import type { Restored } from '../contract/restored.ts';
import { tooLarge, UPLOAD_CAP } from '../contract/upload.ts';
import { handlers } from './handlers.ts';
import type { Command } from './life.ts';
import { LogBatch } from './logBatch.ts';
import { type Patience, Sidecar } from './sidecar.ts';
import { badParameter, noMedia, notRunning, unknownMethod } from './troubles.ts';
import { SaidDownload, SaidProgress } from './wire.ts';

export interface Media {
  readonly path: string;
  readonly type: string;
}

/** What both hosts stand on: verbs in, events out, files by content, media by id. It keeps no truth of its own. */
export class Core {
  readonly #sidecar: Sidecar;
  readonly #handlers: ReturnType<typeof handlers>;
  readonly #listeners = new Set<(event: AppEvent) => void>();

  constructor(command: Command, patience: Partial<Patience> = {}) {
    const log = new LogBatch((lines) => this.#tell({ type: 'log', lines }));
    this.#sidecar = new Sidecar(
      command,
      {
        progress: (body) => this.#progress(body),
        download: (body) => this.#download(body),
        log: (line) => log.add(line),
        state: (sidecar) => {
          log.flush(); // what led to it comes before it
          this.#tell({ type: 'sidecar', sidecar });
        },
      },
      patience,
    );
    this.#handlers = handlers(this.#sidecar, (event) => this.#tell(event));
  }

  get sidecarPid(): number | undefined {
    return this.#sidecar.pid;
  }

  get sidecar(): SidecarState {
    return this.#sidecar.state;
  }

  async start(): Promise<void> {
    await this.#sidecar.start();
  }

  stop(): Promise<void> {
    return this.#sidecar.stop();
  }

  on(listener: (event: AppEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  call<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.#handlers[method](params);
  }

  /** The same for a call whose name and parameters came from outside: checked by the contract, refused in words. */
  async answer(method: string, params: unknown): Promise<unknown> {
    if (!isMethod(method)) throw unknownMethod(method);
    const given = methods[method].params.safeParse(params);
    if (!given.success) throw badParameter(given.error);
    const handle = this.#handlers[method] as (params: unknown) => Promise<unknown>;
    return handle(given.data);
  }

  /** Hands a picture over by its content; the sidecar looks at it, keeps it and names it. */
  async upload(bytes: Uint8Array): Promise<Input> {
    return (await this.#hand(bytes, (path) => this.#sidecar.ask('store_input', { path }, 60_000))).input;
  }

  /** Hands the head of a video over, for its settings; nothing of it is kept. */
  async readVideo(head: Uint8Array): Promise<Restored> {
    return (await this.#hand(head, (path) => this.#sidecar.ask('read_video', { path }, 60_000))).video;
  }

  /** Where a picture or video lies. For hosts only: a window never sees this. */
  async media(id: string): Promise<Media> {
    if (!MediaId.safeParse(id).success) throw noMedia();
    return this.#sidecar.ask('media', { media: id });
  }

  /** Keeps the log as a file, and says where. For hosts only, too. */
  async keepLog(): Promise<string> {
    const { dataFolder, log, state } = this.#sidecar;
    if (dataFolder === '') throw notRunning(state.state === 'failed');
    const folder = join(dataFolder, 'logs');
    const path = join(folder, `artifex-${new Date().toISOString().slice(0, 19).replaceAll(/\D/g, '')}.log`);
    await mkdir(folder, { recursive: true });
    await writeFile(path, `${log.tail(Number.POSITIVE_INFINITY).join('\n')}\n`);
    return path;
  }

  async #hand<T>(bytes: Uint8Array, ask: (path: string) => Promise<T>): Promise<T> {
    if (bytes.byteLength > UPLOAD_CAP) throw tooLarge();
    const folder = join(this.#sidecar.dataFolder, 'incoming');
    const path = join(folder, randomBytes(16).toString('hex'));
    await mkdir(folder, { recursive: true });
    try {
      await writeFile(path, bytes);
      return await ask(path);
    } finally {
      await rm(path, { force: true });
    }
  }

  #progress(body: unknown): void {
    const said = SaidProgress.safeParse(body);
    if (said.success) this.#tell({ type: 'progress', progress: said.data });
  }

  #download(body: unknown): void {
    const said = SaidDownload.safeParse(body);
    if (said.success) this.#tell({ type: 'download', download: said.data });
  }

  #tell(event: AppEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
