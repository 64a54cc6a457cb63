import { Check, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Model } from '../../contract/model.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { Saying } from '../controls/Saying.tsx';
import { chooseModel, useForm } from '../state/form.ts';
import { useModels, verify } from '../state/models.ts';
import { briefly } from '../words/briefly.ts';
import { size } from '../words/size.ts';
import { useSaid, useWords } from '../words/words.ts';
import s from './ModelsSheet.module.css';
import { RemoveSheet } from './RemoveSheet.tsx';

/** A model that is here: what it takes on this machine, and what can be done with it. */
export function Owned({ model }: { model: Model }) {
  const words = useWords();
  const say = useSaid();
  const [removing, setRemoving] = useState(false);
  const place = useModels(({ catalog }) => catalog?.places.find((one) => one.model === model.id));
  const verdict = useModels(({ verdicts }) => verdicts[model.id]);
  const sound = useModels((shelf) => shelf.sound === model.id);
  const chosen = useForm((form) => form.draft.model === model.id);
  const facts = [
    place && words.models.origin[place.origin],
    place?.bytes != null && size(place.bytes, words),
    place && place.origin !== 'shipped' && place.path,
  ];
  const fit = verdict?.refusal
    ? say(verdict.refusal).message
    : [verdict?.fits && words.models.fits, verdict && briefly(verdict, words)].filter(Boolean).join(' · ');
  const mayGo = place !== undefined && (place.origin === 'added' || place.origin === 'downloaded');
  return (
    <li className={cx(s.item)}>
      <h4 className={cx(s.name)}>{model.name}</h4>
      <p className={cx(s.facts)}>{facts.filter(Boolean).join(' · ')}</p>
      {model.trouble ? (
        <div className={cx(s.trouble)}>
          <Saying what={model.trouble} />
        </div>
      ) : (
        <p className={cx(verdict?.refusal ? s.trouble : s.fit)}>{fit}</p>
      )}
      {sound && (
        <p className={cx(s.fit)} role="status">
          {words.models.sound}
        </p>
      )}
      <div className={cx(s.buttons)}>
        {model.state === 'ready' && (
          <Button
            look="chip"
            aria-label={words.models.of(chosen ? words.models.inUse : words.models.use, model.name)}
            onPress={() => chosen || chooseModel(model)}
          >
            <Check size={14} aria-hidden="true" />
            {chosen ? words.models.inUse : words.models.use}
          </Button>
        )}
        <Button
          look="chip"
          aria-label={words.models.of(words.models.verify, model.name)}
          onPress={() => void verify(model.id)}
        >
          <ShieldCheck size={14} aria-hidden="true" />
          {words.models.verify}
        </Button>
        {mayGo && (
          <Button
            look="chip"
            aria-label={words.models.of(words.models.remove, model.name)}
            onPress={() => setRemoving(true)}
          >
            <Trash2 size={14} aria-hidden="true" />
            {words.models.remove}
          </Button>
        )}
      </div>
      <RemoveSheet
        model={model}
        files={place?.origin === 'downloaded'}
        open={removing}
        onClose={() => setRemoving(false)}
      />
    </li>
  );
}
