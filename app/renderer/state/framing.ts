import type { Model } from '../../contract/model.ts';
import { readNumber, type Shape } from './draft.ts';
import { type Size, shapeOf } from './sizes.ts';

/** What of a picture becomes the first frame, in parts of its width and height. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The size of the video in pixels, as the sidecar will decide it; null while the form holds no numbers. */
export function pixelsOf({ size, picture, width, height }: Shape, model: Model): Size | null {
  const { defaults, multiple } = model;
  if (size === 'auto' && picture)
    return picture.width > 0
      ? bestSize([picture.width, picture.height], multiple, defaults.width * defaults.height)
      : null;
  const across = width.trim() === '' ? defaults.width : readNumber(width);
  const down = height.trim() === '' ? defaults.height : readNumber(height);
  return across && down ? [across, down] : null;
}

/** The size that keeps a picture's shape within an area: `wan_core.shapes.best_size`. */
export function bestSize([width, height]: Size, multiple: number, area: number): Size {
  const ratio = width / height;
  const exactWidth = (area * ratio) ** 0.5;
  const cut = (pixels: number): number => Math.floor(pixels / multiple) * multiple;
  const wide = cut(exactWidth);
  const high = cut(area / exactWidth);
  const first: Size = [wide, wide ? cut(area / wide) : 0];
  const second: Size = [high ? cut(area / high) : 0, high];
  if (first.includes(0)) return second;
  if (second.includes(0)) return first;
  const distortion = (size: Size): number => Math.max(shapeOf(size) / ratio, ratio / shapeOf(size));
  return distortion(first) < distortion(second) ? first : second;
}

/** The size a picture is scaled to before its middle is cut out: `wan_core.shapes.cover`. */
export function cover([width, height]: Size, [toWidth, toHeight]: Size): Size {
  const scale = Math.max(toWidth / width, toHeight / height);
  return [rounded(width * scale), rounded(height * scale)];
}

/** The part of a picture that `wan_core.image.fit_cover` leaves. */
export function cropOf(picture: Size, video: Size): Crop {
  const [width, height] = cover(picture, video);
  return {
    left: Math.floor((width - video[0]) / 2) / width,
    top: Math.floor((height - video[1]) / 2) / height,
    width: video[0] / width,
    height: video[1] / height,
  };
}

/** As Python rounds: a half goes to the even number. */
function rounded(number: number): number {
  const low = Math.floor(number);
  const over = number - low;
  return over === 0.5 ? low + (low % 2) : over < 0.5 ? low : low + 1;
}
