import { useEffect, useState } from 'react';
import { isOver } from '../../contract/phase.ts';
import { Button } from '../controls/Button.tsx';
import { Sheet } from '../controls/Sheet.tsx';
import { cancel } from '../state/form.ts';
import { pendingOf } from '../state/next.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './CancelSheet.module.css';

/** Ctrl+. from anywhere cancels what is being made, after a question: minutes of work hang on it. */
export function CancelSheet() {
  const words = useWords().stage;
  const [asked, setAsked] = useState<string | null>(null);
  const job = useWorld(({ jobs }) => jobs.find((one) => one.job === asked && !isOver(one.state)));
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key !== '.' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
      const pending = pendingOf(useWorld.getState().jobs);
      if (!pending) return;
      event.preventDefault();
      setAsked(pending.job);
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  const close = (): void => setAsked(null);
  const yes = (): void => {
    if (job) void cancel(job.job);
    close();
  };
  return (
    <Sheet
      asks
      title={words.cancelHead}
      open={job !== undefined}
      onClose={close}
      foot={
        <>
          <Button look="solid" onPress={yes} autoFocus>
            {words.cancelYes}
          </Button>
          <Button onPress={close}>{words.cancelNo}</Button>
        </>
      }
    >
      <p className={s.prompt}>{job?.request.prompt}</p>
      <p className={s.body}>{words.cancelBody}</p>
    </Sheet>
  );
}
