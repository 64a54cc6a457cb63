import { Refusal, sentence } from '../../contract/refusal.ts';
import type { Resolved } from '../../contract/request.ts';
import { bridge } from '../bridge/bridge.ts';
import { takePicture } from '../state/taking.ts';

const gone = (): Refusal =>
  Refusal.of(sentence('UNKNOWN_MEDIA', 'unknown_media', {}, 'There is no such picture or video.', 'Choose it again.'));

/** The frame that a video shows `at` so many seconds, as a picture. */
const frameOf = async (address: string, at: number): Promise<Blob> =>
  (await drawn(address, at)).convertToBlob({ type: 'image/png' });

/** The same, drawn no wider than so many pixels. */
export async function drawn(address: string, at: number, widest = Number.POSITIVE_INFINITY): Promise<OffscreenCanvas> {
  const video = document.createElement('video');
  await new Promise<void>((resolve, reject) => {
    video.onloadedmetadata = () => {
      video.currentTime = at;
    };
    video.onseeked = () => resolve();
    video.onerror = () => reject(gone());
    video.muted = true;
    video.preload = 'auto';
    video.src = address;
  });
  const scale = Math.min(1, widest / video.videoWidth);
  const canvas = new OffscreenCanvas(Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale));
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  video.removeAttribute('src'); // lets go of the file
  video.load();
  return canvas;
}

/** Starts the next video from a frame of this one. */
export function startFrom({ output, request }: { output: string | null; request: Resolved }, frame: number): void {
  if (output === null) return;
  const middle = (frame + 0.5) / request.fps; // seconds
  void takePicture(frameOf(bridge.mediaUrl(output), middle));
}
