import { FolderPlus, Library } from 'lucide-react';
import { useState } from 'react';
import type { Trouble } from '../../contract/failure.ts';
import type { Model } from '../../contract/model.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { Choice, type Option } from '../controls/Choice.tsx';
import { cx } from '../controls/cx.ts';
import { LineBox } from '../controls/LineBox.tsx';
import { chooseModel, failureOf, refuse, useForm } from '../state/form.ts';
import { openModels } from '../state/models.ts';
import { usePrefs } from '../state/prefs.ts';
import { useWorld } from '../state/store.ts';
import { useSaid, useWords } from '../words/words.ts';
import s from './ModelField.module.css';

/** Which model makes the video, and the way to bring one's own. */
export function ModelField() {
  const {
    model: words,
    models: { all },
    create: { help },
  } = useWords();
  const say = useSaid();
  const language = usePrefs((prefs) => prefs.language);
  const models = useWorld((world) => world.models);
  const chosen = useForm((form) => form.draft.model);
  const [adding, setAdding] = useState(false);
  const current = models.find((model) => model.id === chosen);
  const noteOf = (model: Model): string =>
    [model.note[language] ?? model.note.en, model.shipped && words.shippedAdvice].filter(Boolean).join(' ');
  const troubleOf = (model: Model): string => {
    const { message = '', hint = '' } = model.trouble ? say(model.trouble) : {};
    return `${message} ${hint}`.trim();
  };
  const badgeOf = (model: Model): string | null => {
    if (model.state !== 'ready') return model.state === 'missing' ? words.missing : words.broken;
    return model.shipped ? words.shipped : null;
  };
  const options: Option[] = models.map((model) => ({
    id: model.id,
    name: model.name,
    badge: badgeOf(model) && <span className={cx(s.badge, model.state !== 'ready' && s.bad)}>{badgeOf(model)}</span>,
    note: troubleOf(model),
    disabled: model.state !== 'ready',
  }));
  const add = async (): Promise<void> => {
    const picked = bridge.chooseModelFolder;
    if (!picked) return setAdding(true);
    try {
      chooseModel((await picked()) ?? undefined);
    } catch (why) {
      refuse(why, 'model');
    }
  };
  return (
    <div className={cx(s.field)}>
      <Choice
        field="model"
        label={words.label}
        options={options}
        chosen={chosen}
        onChoose={(id) => chooseModel(models.find((model) => model.id === id))}
        placeholder={words.none}
        help={help.model}
        aside={
          !adding && (
            <Button look="plain" onPress={() => void add()}>
              <FolderPlus size={15} aria-hidden="true" />
              {words.add}
            </Button>
          )
        }
      />
      {current && noteOf(current) && <p className={cx(s.note)}>{noteOf(current)}</p>}
      <div className={cx(s.more)}>
        <Button look="chip" onPress={() => void openModels()}>
          <Library size={14} aria-hidden="true" />
          {all}
        </Button>
      </div>
      {adding && <AddFolder onClose={() => setAdding(false)} />}
    </div>
  );
}

/** A browser cannot hand over a folder, so its path is typed; the sidecar says in words what is wrong with it. */
function AddFolder({ onClose }: { onClose: () => void }) {
  const { model: words, close } = useWords();
  const [path, setPath] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Trouble | null>(null);
  const add = async (path: string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      chooseModel((await bridge.call('add_model', { path })).model);
      onClose();
    } catch (why) {
      setFailure(failureOf(why));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={cx(s.adder)}>
      <LineBox
        label={words.path}
        value={path}
        onChange={(value) => {
          setPath(value);
          setFailure(null);
        }}
        onEnter={(value) => void add(value)}
        placeholder={words.pathPlaceholder}
        failure={failure}
      />
      <div className={cx(s.buttons)}>
        <Button onPress={() => void add(path)} isDisabled={path.trim() === ''}>
          {busy ? words.adding : words.addNow}
        </Button>
        <Button look="plain" onPress={onClose}>
          {close}
        </Button>
      </div>
    </div>
  );
}
