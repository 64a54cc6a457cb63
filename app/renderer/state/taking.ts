import { create } from 'zustand';
import type { Trouble } from '../../contract/failure.ts';
import { sentence } from '../../contract/refusal.ts';
import type { Restored } from '../../contract/restored.ts';
import { bridge } from '../bridge/bridge.ts';
import { headOf } from '../bridge/head.ts';
import { edit, failureOf, refill, refuse, useForm } from './form.ts';
import { useWorld } from './store.ts';

/** What became of a file: the settings it gave back, or why it was not taken. */
export type Notice = { readonly file: string; readonly restored: Restored } | { readonly refusal: Trouble };

interface Taking {
  /** A picture is on its way. */
  readonly busy: boolean;
  readonly notice: Notice | null;
}

export const useTaking = create<Taking>(() => ({ busy: false, notice: null }));

const tell = (notice: Notice | null): void => useTaking.setState({ notice });

export const dismiss = (): void => tell(null);

/** Takes a file that was dropped, pasted or chosen: a picture to start from, or a video of ours for its settings. */
export async function take(file: File): Promise<void> {
  dismiss();
  if (file.type.startsWith('video/')) return takeVideo(file);
  if (file.type.startsWith('image/') || file.type === '') return takePicture(file);
  takeNot(file.name);
}

/** Says that a file is of no use here. */
export function takeNot(file: string): void {
  const message = `${file} is neither a picture nor a video.`;
  const hint = 'Give a picture, or an mp4 that Artifex made.';
  tell({ refusal: sentence('BAD_REQUEST', 'not_droppable', { file }, message, hint) });
}

async function takeVideo(file: File): Promise<void> {
  try {
    const restored = await bridge.readVideo(await headOf(file));
    const { request, picture } = restored;
    refill({ ...request, model: restored.model ?? useForm.getState().draft.model ?? request.model }, picture);
    tell({ file: file.name, restored });
  } catch (why) {
    tell({ refusal: failureOf(why) });
  }
}

/** Starts the next video from a picture, which travels by content. */
export async function takePicture(picture: Blob | Promise<Blob>): Promise<void> {
  const { model: chosen } = useForm.getState().draft;
  const model = useWorld.getState().models.find((one) => one.id === chosen);
  if (model?.images === false) {
    const message = `${model.name} makes video from words alone.`;
    const values = { model: model.name };
    const hint = 'Remove the picture, or choose a model that takes one.';
    return tell({ refusal: sentence('BAD_REQUEST', 'words_alone', values, message, hint) });
  }
  useTaking.setState({ busy: true });
  try {
    edit({ picture: await bridge.upload(await picture), size: 'auto' });
  } catch (why) {
    refuse(why, 'image');
  } finally {
    useTaking.setState({ busy: false });
  }
}
