import { useState } from 'react';
import { cx } from '../controls/cx.ts';
import { Toggle } from '../controls/Toggle.tsx';
import { areAllowed, askForNotices } from '../notices/notices.ts';
import { choose, usePrefs } from '../state/prefs.ts';
import { useWords } from '../words/words.ts';
import s from './SettingsSheet.module.css';

/** Whether the system tells that a video has ended; a browser asks the person once more, and only now. */
export function NoticesToggle() {
  const words = useWords().settings;
  const wanted = usePrefs((prefs) => prefs.notices);
  const [denied, setDenied] = useState(false);
  const turn = async (on: boolean): Promise<void> => {
    const notices = on && (await askForNotices());
    setDenied(on && !notices);
    choose({ notices });
  };
  return (
    <Toggle label={words.notices} on={wanted && areAllowed()} onChange={(on) => void turn(on)}>
      <p>{words.noticesWhy}</p>
      <p className={cx(s.denied)} role="status">
        {denied && words.noticesDenied}
      </p>
    </Toggle>
  );
}
