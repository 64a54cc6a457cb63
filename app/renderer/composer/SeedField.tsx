import { Dices, LockKeyhole } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { TextBox } from '../controls/TextBox.tsx';
import { edit, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';

const roll = (): string => String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);

/** Empty draws a new one each time; a number makes the same video again. */
export function SeedField() {
  const { seed: words, create } = useWords();
  const seed = useForm((form) => form.draft.seed);
  return (
    <TextBox
      field="seed"
      label={words.label}
      help={create.help.seed}
      placeholder={words.placeholder}
      after={
        seed === '' ? (
          <Button look="icon" aria-label={words.roll} onPress={() => edit({ seed: roll() })}>
            <Dices size={17} aria-hidden="true" />
          </Button>
        ) : (
          <Button look="icon" aria-label={words.clear} onPress={() => edit({ seed: '' })}>
            <LockKeyhole size={16} aria-hidden="true" />
          </Button>
        )
      }
    />
  );
}

/** While the seed is left to chance: the one that was drawn last, to stay with it. */
export function LastSeed() {
  const words = useWords().create.seed;
  const open = useForm((form) => form.draft.seed === '');
  const last = useWorld(({ jobs }) => jobs.at(-1)?.request.seed);
  if (!open || last === undefined) return null;
  return (
    <Button look="plain" onPress={() => edit({ seed: last })}>
      <LockKeyhole size={14} aria-hidden="true" />
      {words.keep(last)}
    </Button>
  );
}
