import { FolderOpen } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Trouble } from '../../contract/failure.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { LineBox } from '../controls/LineBox.tsx';
import { Refused } from '../controls/Refused.tsx';
import { failureOf } from '../state/form.ts';
import { useWords } from '../words/words.ts';
import s from './SettingsSheet.module.css';

/** Where new videos go: chosen in the system's dialog, or typed where there is none. */
export function VideosFolder() {
  const words = useWords().settings;
  const [folder, setFolder] = useState('');
  const [path, setPath] = useState('');
  const [typing, setTyping] = useState(false);
  const [refusal, setRefusal] = useState<Trouble | null>(null);
  const take = async (asked: Promise<{ readonly folder: string } | null>): Promise<void> => {
    setRefusal(null);
    try {
      const answer = await asked;
      if (answer) setFolder(answer.folder);
      setTyping(false);
    } catch (why) {
      setRefusal(failureOf(why));
    }
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked once, when the sheet opens
  useEffect(() => void take(bridge.call('videos_folder', {})), []);
  const put = (typed: string): void => void take(bridge.call('videos_folder', { folder: typed }));
  return (
    <section className={cx(s.part)} aria-label={words.videos}>
      <div className={cx(s.head)}>
        <h3 className={cx(s.title)}>{words.videos}</h3>
        {!typing && (
          <Button
            look="chip"
            onPress={() => (bridge.chooseVideosFolder ? void take(bridge.chooseVideosFolder()) : setTyping(true))}
          >
            <FolderOpen size={14} aria-hidden="true" />
            {bridge.chooseVideosFolder ? words.choose : words.change}
          </Button>
        )}
      </div>
      <p className={cx(s.why)} role="status">
        {folder && words.videosNow(folder)}
      </p>
      {refusal && !typing && <Refused what={refusal} />}
      {typing && (
        <div className={cx(s.typing)}>
          <LineBox
            label={words.videosPath}
            value={path}
            onChange={(value) => {
              setPath(value);
              setRefusal(null);
            }}
            onEnter={put}
            placeholder={words.videosPlaceholder}
            failure={refusal}
          />
          <Button isDisabled={path.trim() === ''} onPress={() => put(path)}>
            {words.put}
          </Button>
        </div>
      )}
    </section>
  );
}
