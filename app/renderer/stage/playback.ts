const player = (): HTMLVideoElement | null => document.querySelector('[data-stage] video[controls]');

/** Plays the video on the stage, or stops it. */
export function playOrPause(): void {
  const video = player();
  if (video?.paused) void video.play();
  else video?.pause();
}

/** Stops the video on the stage at the next frame, or at the one before. */
export function stepFrame(by: 1 | -1, fps: number): void {
  const video = player();
  if (!video) return;
  video.pause();
  const last = Math.round(video.duration * fps) - 1;
  const frame = Math.min(last, Math.max(0, Math.floor(video.currentTime * fps) + by));
  video.currentTime = (frame + 0.5) / fps; // its middle: at an edge the frame before could be shown
}
