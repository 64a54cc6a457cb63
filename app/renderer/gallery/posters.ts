import { useEffect, useState } from 'react';
import { bridge } from '../bridge/bridge.ts';
import { drawn } from '../stage/frame.ts';

const WIDEST = 360;
const KEPT = 240;
const AT_ONCE = 2;
const AT = 0.1; // seconds: a first frame may be black

/** Pictures by the ids of their videos, the one that was longest out of use first; null where none can be had. */
const posters = new Map<string, string | null>();

interface Ask {
  readonly id: string;
  tell(poster: string | null): void;
}

let asks: readonly Ask[] = [];
let drawing = 0;

/** A still of the video, once there is one: the cell that came into sight last is served first. */
export function usePoster(id: string): string | null {
  const [poster, setPoster] = useState(() => posters.get(id) ?? null);
  useEffect(() => {
    const ask: Ask = { id, tell: setPoster };
    asks = [...asks, ask];
    draw();
    return () => {
      asks = asks.filter((one) => one !== ask);
    };
  }, [id]);
  return poster;
}

function draw(): void {
  const ask = asks.at(-1);
  if (!ask || drawing === AT_ONCE) return;
  asks = asks.slice(0, -1);
  drawing++;
  void posterOf(ask.id).then((poster) => {
    drawing--;
    ask.tell(poster);
    draw();
  });
  draw();
}

async function posterOf(id: string): Promise<string | null> {
  const known = posters.get(id);
  const poster = known === undefined ? await made(id) : known;
  posters.delete(id);
  posters.set(id, poster);
  const [[oldest, address] = ['', null]] = posters;
  if (posters.size > KEPT) {
    posters.delete(oldest);
    if (address !== null) URL.revokeObjectURL(address);
  }
  return poster;
}

async function made(id: string): Promise<string | null> {
  try {
    const picture = await drawn(bridge.mediaUrl(id), AT, WIDEST);
    return URL.createObjectURL(await picture.convertToBlob({ type: 'image/jpeg', quality: 0.8 }));
  } catch {
    return null;
  }
}
