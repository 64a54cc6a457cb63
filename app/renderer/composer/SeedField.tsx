import { Dices, X } from 'lucide-react';
import { Button } from '../controls/Button.tsx';
import { TextBox } from '../controls/TextBox.tsx';
import { edit, useForm } from '../state/form.ts';
import { useWords } from '../words/words.ts';

const roll = (): string => String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);

/** Empty draws a new one each time; a number makes the same video again. */
export function SeedField() {
  const words = useWords().seed;
  const seed = useForm((form) => form.draft.seed);
  return (
    <TextBox
      field="seed"
      label={words.label}
      placeholder={words.placeholder}
      after={
        seed === '' ? (
          <Button look="icon" aria-label={words.roll} onPress={() => edit({ seed: roll() })}>
            <Dices size={17} aria-hidden="true" />
          </Button>
        ) : (
          <Button look="icon" aria-label={words.clear} onPress={() => edit({ seed: '' })}>
            <X size={16} aria-hidden="true" />
          </Button>
        )
      }
    />
  );
}
