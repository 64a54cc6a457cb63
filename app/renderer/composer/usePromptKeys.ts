import { type KeyboardEvent, useRef } from 'react';
import { bridge } from '../bridge/bridge.ts';
import { isComposing } from '../controls/composing.ts';
import { edit, refuse, useForm } from '../state/form.ts';
import { beginWalk, isAtEdge, isOnWalk, textAt, type Walk, walked } from '../state/recall.ts';

const BY = { ArrowUp: 1, ArrowDown: -1 } as const;

/** Alt ↑ and Alt ↓ in the prompt go through the earlier ones, as in a shell. */
export function usePromptKeys(): (event: KeyboardEvent<HTMLTextAreaElement>) => void {
  const walk = useRef<Walk>(beginWalk('', []));
  const before = useRef(Promise.resolve());

  const go = async (by: 1 | -1): Promise<void> => {
    const { prompt } = useForm.getState().draft;
    if (!isOnWalk(walk.current, prompt)) {
      const { prompts } = await bridge.call('prompts', {});
      if (useForm.getState().draft.prompt !== prompt) return;
      walk.current = beginWalk(prompt, prompts);
    }
    walk.current = walked(walk.current, by);
    edit({ prompt: textAt(walk.current) });
  };

  return (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, currentTarget } = event;
    if (isComposing(event) || !altKey || ctrlKey || metaKey || shiftKey) return;
    if (key !== 'ArrowUp' && key !== 'ArrowDown') return;
    const { value, selectionStart, selectionEnd } = currentTarget;
    const cursor = key === 'ArrowUp' ? selectionStart : selectionEnd;
    if (!isOnWalk(walk.current, value) && !isAtEdge(value, cursor, BY[key])) return;
    event.preventDefault();
    before.current = before.current.then(() => go(BY[key])).catch(refuse);
  };
}
