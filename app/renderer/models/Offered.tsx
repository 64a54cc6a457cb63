import { Download as Fetch } from 'lucide-react';
import { useState } from 'react';
import type { Catalog } from '../../contract/download.ts';
import type { Failure } from '../../contract/failure.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { LineBox } from '../controls/LineBox.tsx';
import { Refused } from '../controls/Refused.tsx';
import { failureOf } from '../state/form.ts';
import { size } from '../words/size.ts';
import { useWords } from '../words/words.ts';
import s from './ModelsSheet.module.css';

interface Props {
  readonly offer: Catalog['offers'][number];
  /** Where it comes from unless something else is typed. */
  readonly hub: string;
}

/** A model that can be downloaded: what it is, what it wants, and where it should go. */
export function Offered({ offer, hub }: Props) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const [folder, setFolder] = useState('');
  const [mirror, setMirror] = useState<string | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asked, setAsked] = useState(false);
  const about = failure?.field === '$.hub' && mirror !== null ? 'hub' : 'folder';
  const start = async (folder: string, mirror: string | null): Promise<void> => {
    if (asked) return;
    setAsked(true);
    setFailure(null);
    const wish = { model: offer.id, ...(mirror?.trim() ? { hub: mirror } : {}) };
    try {
      const begun = bridge.downloadTo
        ? await bridge.downloadTo(wish)
        : await bridge.call('download', { ...wish, folder });
      if (begun) setOpen(false);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setAsked(false);
    }
  };
  return (
    <li className={cx(s.item)}>
      <h4 className={cx(s.name)}>{offer.name}</h4>
      <p className={cx(s.facts)}>{words.models.about(size(offer.about, words))}</p>
      <p className={cx(s.fit)}>{words.models.needs}</p>
      {!open && (
        <div className={cx(s.buttons)}>
          <Button look="chip" aria-label={words.models.of(words.models.get, offer.name)} onPress={() => setOpen(true)}>
            <Fetch size={14} aria-hidden="true" />
            {words.models.get}
          </Button>
        </div>
      )}
      {open && (
        <div className={cx(s.getting)}>
          {!bridge.downloadTo && (
            <LineBox
              label={words.models.folder}
              value={folder}
              onChange={setFolder}
              onEnter={(folder) => void start(folder, mirror)}
              placeholder={words.models.folderPlaceholder}
              failure={about === 'folder' ? failure : null}
            />
          )}
          <p className={cx(s.note)}>{words.models.folderNote}</p>
          {mirror !== null && (
            <LineBox
              label={words.models.hub}
              value={mirror}
              onChange={setMirror}
              onEnter={(mirror) => void start(folder, mirror)}
              placeholder={hub}
              failure={about === 'hub' ? failure : null}
            />
          )}
          {bridge.downloadTo && failure && about === 'folder' && <Refused what={failure} />}
          <div className={cx(s.buttons)}>
            <Button look="solid" onPress={() => void start(folder, mirror)}>
              {bridge.downloadTo ? words.models.choose : words.models.start}
            </Button>
            {mirror === null && <Button onPress={() => setMirror('')}>{words.models.mirror}</Button>}
            <Button look="plain" onPress={() => setOpen(false)}>
              {words.close}
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}
