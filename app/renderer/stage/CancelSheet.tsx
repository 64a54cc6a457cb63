import { isOver } from '../../contract/phase.ts';
import { Button } from '../controls/Button.tsx';
import { Sheet } from '../controls/Sheet.tsx';
import { cancel } from '../state/form.ts';
import { askToCancel, useSheets } from '../state/sheets.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './CancelSheet.module.css';

/** Asks before a key cancels what is being made: minutes of work hang on it. */
export function CancelSheet() {
  const words = useWords().stage;
  const asked = useSheets((sheets) => sheets.cancelling);
  const job = useWorld(({ jobs }) => jobs.find((one) => one.job === asked && !isOver(one.state)));
  const close = (): void => askToCancel(null);
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
