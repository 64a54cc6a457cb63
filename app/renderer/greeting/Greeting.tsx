import { Play, Stethoscope } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { consult } from '../doctor/Doctor.tsx';
import { useDoctor } from '../state/doctor.ts';
import { chooseModel, edit, submit, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Greeting.module.css';

/** What videos are made on, as a person would call it; what the engine says counts more than a look from outside. */
function useFound(): string {
  const words = useWords().greeting;
  const device = useWorld((world) => world.engine.device);
  const seen = useDoctor(({ checks }) => checks?.find(({ id }) => id === 'gpu'));
  const card = device ?? seen?.values.name ?? (seen ? 'CPU' : null);
  if (card === null) return words.looking;
  return card === 'CPU' ? words.processor : words.card(String(card));
}

/** To who has made nothing yet: what this is, what it runs on, and one button to a first video. */
export function Greeting() {
  const words = useWords();
  const found = useFound();
  const unwell = useDoctor(({ checks }) => checks?.some(({ state }) => state === 'fail'));
  const shipped = useWorld(({ models }) => models.find((model) => model.shipped && model.state === 'ready'));
  const sending = useForm((form) => form.sending);
  const makeFirst = (): void => {
    chooseModel(shipped);
    edit({ picture: null });
    void submit({ prompt: words.examples.shipped.balloon.prompt });
  };
  return (
    <div className={cx(s.greeting)}>
      <p>{words.greeting.what}</p>
      <p role="status">{found}</p>
      {shipped && (
        <div className={cx(s.actions)}>
          <Button look="solid" onStage isDisabled={sending} onPress={makeFirst}>
            <Play size={16} aria-hidden="true" />
            {words.greeting.first}
          </Button>
          {unwell && (
            <Button onStage onPress={consult}>
              <Stethoscope size={15} aria-hidden="true" />
              {words.greeting.repair}
            </Button>
          )}
        </div>
      )}
      <p className={cx(s.or)}>{words.greeting.or}</p>
    </div>
  );
}
