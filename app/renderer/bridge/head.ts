/** More boxes than this before `moov` no player would look through either. */
const MOST_BOXES = 1000;

/** What is handed over of a file that is no mp4, to be told so. */
const GLIMPSE = 64 * 1024;

/**
 * The part of an mp4 that says how it was made: `ftyp` and `moov`, without the frames. It is sliced, not read, so that a
 * video of any size costs a few kilobytes.
 */
export async function headOf(file: Blob): Promise<Blob> {
  let first = 0;
  for (let at = 0, box = 0; at < file.size && box < MOST_BOXES; box++) {
    const view = new DataView(await file.slice(at, at + 16).arrayBuffer());
    if (view.byteLength < 16) break;
    const [short, name] = [view.getUint32(0), view.getUint32(4)];
    const size = short === 0 ? file.size - at : short === 1 ? Number(view.getBigUint64(8)) : short;
    if (size < 8) break;
    if (name === MOOV) return new Blob([file.slice(0, first), file.slice(at, at + size)]);
    first ||= size;
    at += size;
  }
  return file.slice(0, GLIMPSE);
}

const MOOV = 0x6d6f6f76;
