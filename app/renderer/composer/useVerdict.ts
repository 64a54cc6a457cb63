import { useEffect, useState } from 'react';
import { isOver } from '../../contract/phase.ts';
import type { Verdict } from '../../contract/verdict.ts';
import { bridge } from '../bridge/bridge.ts';
import { toRequest } from '../state/draft.ts';
import { useForm } from '../state/form.ts';
import { usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';

/** Asked once the hands rest. */
const REST_MS = 400;

/** What the form as it stands would take; null while it asks for nothing that can be made. */
export function useVerdict(): Verdict | null {
  // The words change nothing, so that typing them asks for nothing.
  const wish = useForm(({ draft }) => {
    const asked = toRequest(draft);
    const valid = 'request' in asked && draft.model !== null && draft.prompt.trim() !== '';
    return valid ? JSON.stringify({ ...asked.request, prompt: '', negative_prompt: '' }) : null;
  });
  const there = useWorld(({ link, sidecar, synced }) => link === 'live' && sidecar.state === 'ready' && synced);
  const made = useWorld(({ jobs }) => jobs.filter(({ state }) => isOver(state)).length); // each tells of its seconds
  const vram = usePrefs((prefs) => prefs.vram);
  const [verdict, setVerdict] = useState<Verdict | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: after a video is made, or with other memory, the answer is another
  useEffect(() => {
    if (wish === null) setVerdict(null);
    if (wish === null || !there) return;
    let stale = false;
    const at = setTimeout(async () => {
      const asked = toRequest(useForm.getState().draft);
      if ('errors' in asked) return;
      // What is refused is said where it is, once Generate is pressed.
      const answer = await bridge.call('estimate', { request: asked.request }).catch(() => null);
      if (!stale) setVerdict(answer?.verdict ?? null);
    }, REST_MS);
    return () => {
      stale = true;
      clearTimeout(at);
    };
  }, [wish, there, made, vram]);

  return verdict;
}
