import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { countOf } from '../state/draft.ts';
import { useForm } from '../state/form.ts';
import { briefly } from '../words/briefly.ts';
import { useWords } from '../words/words.ts';
import { useVerdict } from './useVerdict.ts';
import s from './VerdictLine.module.css';

/** One quiet line under the button: what the video would take. Where it does not fit, why stands above the button. */
export function VerdictLine() {
  const words = useWords();
  const verdict = useVerdict();
  const several = useForm(({ changing, draft }) => !changing && countOf(draft) > 1);
  const refusal = verdict?.refusal;
  return (
    <div className={cx(s.verdict)} role="status" data-verdict>
      {refusal && (
        <div className={cx(s.refusal)}>
          <Saying what={refusal} />
        </div>
      )}
      <div className={cx(s.line)}>
        {verdict &&
          !refusal &&
          [briefly(verdict, words), several && words.create.count.each].filter(Boolean).join(' · ')}
      </div>
    </div>
  );
}
