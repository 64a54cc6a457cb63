import { useEffect } from 'react';
import { isSettled } from '../../contract/phase.ts';
import { cx } from '../controls/cx.ts';
import { Refused } from '../controls/Refused.tsx';
import { Sheet } from '../controls/Sheet.tsx';
import { lookAtModels, useModels } from '../state/models.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import { Going } from './Going.tsx';
import s from './ModelsSheet.module.css';
import { Offered } from './Offered.tsx';
import { Owned } from './Owned.tsx';

/** What is here, what could be, and how far it is on its way. */
export function ModelsSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords().models;
  const models = useWorld((world) => world.models);
  const download = useWorld((world) => world.download);
  const { catalog, refusal } = useModels();
  const listed = models.some((model) => model.id === download?.model);
  const shown = download && (!isSettled(download.state) || download.trouble || listed) ? download : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list of models is another catalogue
  useEffect(() => {
    if (open) void lookAtModels();
  }, [open, models]);
  return (
    <Sheet title={words.title} open={open} onClose={onClose} foot={<p className={cx(s.note)}>{words.aside}</p>}>
      {refusal && <Refused what={refusal} />}
      {shown && <Going download={shown} />}
      <h3 className={cx(s.heading)}>{words.here}</h3>
      <ul className={cx(s.list)}>
        {models.map((model) => (
          <Owned key={model.id} model={model} />
        ))}
      </ul>
      <h3 className={cx(s.heading)}>{words.toGet}</h3>
      <ul className={cx(s.list)}>
        {catalog?.offers.map((offer) => (
          <Offered key={offer.id} offer={offer} hub={catalog.hub} />
        ))}
      </ul>
    </Sheet>
  );
}
