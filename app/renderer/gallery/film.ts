import { type RefObject, useEffect, useRef, useState } from 'react';
import { useCalm } from '../controls/calm.ts';

/** A video element as a strip of frames. */
export interface Film {
  readonly video: RefObject<HTMLVideoElement | null>;
  /** That is shown, from 0 on. */
  readonly frame: number;
  readonly playing: boolean;
  toggle(): void;
  seek(frame: number): void;
  step(by: 1 | -1): void;
}

/** Calls `tell` with every frame that is shown, until the returned is called. */
export function onFrame(video: HTMLVideoElement, tell: (seconds: number) => void): () => void {
  const hear: VideoFrameRequestCallback = (_now, { mediaTime }) => {
    tell(mediaTime);
    waiting = video.requestVideoFrameCallback(hear);
  };
  let waiting = video.requestVideoFrameCallback(hear);
  return () => video.cancelVideoFrameCallback(waiting);
}

/** The video of that name in hand; it plays by itself, unless nothing may. */
export function useFilm(name: string, frames: number, fps: number): Film {
  const video = useRef<HTMLVideoElement>(null);
  const at = useRef(0);
  const [frame, setFrame] = useState(0);
  const [playing, setPlaying] = useState(false);
  const calm = useCalm();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another element
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const tell = (now: number): void => {
      at.current = now;
      setFrame(now);
    };
    const playOrNot = (): void => setPlaying(!element.paused);
    tell(0);
    playOrNot();
    element.addEventListener('play', playOrNot);
    element.addEventListener('pause', playOrNot);
    const forget = onFrame(element, (seconds) => {
      // Where it stands it was sent, and a frame from on the way there may still come.
      if (!element.paused) tell(Math.min(frames - 1, Math.round(seconds * fps)));
    });
    if (!calm) void element.play().catch(() => {}); // it was taken away, or may not: then it stands
    return () => {
      forget();
      element.removeEventListener('play', playOrNot);
      element.removeEventListener('pause', playOrNot);
    };
  }, [name, frames, fps, calm]);
  const seek = (wanted: number): void => {
    at.current = Math.max(0, Math.min(frames - 1, wanted));
    setFrame(at.current);
    video.current?.pause();
    if (video.current) video.current.currentTime = (at.current + 0.5) / fps; // its middle
  };
  const toggle = (): void => {
    const element = video.current;
    if (element?.paused) void element.play().catch(() => {});
    else element?.pause();
  };
  return { video, frame, playing, toggle, seek, step: (by) => seek(at.current + by) };
}
