import { Refusal, sentence } from '../../contract/refusal.ts';

const gone = (): Refusal =>
  Refusal.of(sentence('UNKNOWN_MEDIA', 'unknown_media', {}, 'There is no such picture or video.', 'Choose it again.'));

/** The frame that a video shows `at` so many seconds, as a picture. */
export async function frameOf(address: string, at: number): Promise<Blob> {
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
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  video.removeAttribute('src'); // lets go of the file
  video.load();
  return canvas.convertToBlob({ type: 'image/png' });
}
