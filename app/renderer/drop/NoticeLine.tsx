import { X } from 'lucide-react';
import type { Restored } from '../../contract/restored.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { dismiss, useTaking } from '../state/taking.ts';
import type { Words } from '../words/en.ts';
import { useWords } from '../words/words.ts';
import s from './NoticeLine.module.css';

/** What a person should know of settings that came back, in as few sentences as it takes. */
function sayings({ request, model, picture, same, unknown }: Restored, words: Words['notice']): string[] {
  const alone = request.image !== null && picture === null;
  return [
    model === null && words.modelMissing(request.model),
    alone && words.pictureMissing,
    unknown.length > 0 && words.unknown(unknown.join(', ')),
    model !== null && !alone && same !== null && (same ? words.same : words.similar),
  ].filter((saying) => saying !== false);
}

/** One quiet line: which settings came back and what they lack, or why a file was not taken. */
export function NoticeLine() {
  const words = useWords();
  const notice = useTaking((taking) => taking.notice);
  return (
    <div className={cx(s.place)} role="status">
      {notice && (
        <div className={cx(s.notice, 'refusal' in notice && s.bad)}>
          <p className={cx(s.words)}>
            {'refusal' in notice ? (
              <Saying what={notice.refusal} />
            ) : (
              [words.notice.restored(notice.file), ...sayings(notice.restored, words.notice)].join(' ')
            )}
          </p>
          <Button look="icon" aria-label={words.notice.dismiss} onPress={dismiss}>
            <X size={16} aria-hidden="true" />
          </Button>
        </div>
      )}
    </div>
  );
}
