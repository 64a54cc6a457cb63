import { CircleQuestionMark } from 'lucide-react';
import { useState } from 'react';
import { Button, Text } from 'react-aria-components';
import { useWords } from '../words/words.ts';
import { cx } from './cx.ts';
import s from './Help.module.css';

interface Help {
  /** Stands beside the label. */
  readonly button: React.ReactNode;
  /** Stands in the field, which is described by it, seen or not. */
  readonly sentence: React.ReactNode;
}

/** A “?” beside a label, and the sentence that it shows (or that is `always` there); with none, nothing. */
export function useHelp(label: string, sentence: string | undefined, always = false): Help {
  const about = useWords().create.about(label);
  const [open, setOpen] = useState(false);
  if (sentence === undefined) return { button: null, sentence: null };
  return {
    button: !always && (
      // A list that opens would take a button in it for its own: no slot keeps this one out of it.
      <Button
        slot={null}
        className={cx(s.button)}
        aria-label={about}
        aria-expanded={open}
        onPress={() => setOpen(!open)}
        data-help
      >
        <CircleQuestionMark size={14} aria-hidden="true" />
      </Button>
    ),
    sentence: (
      <Text slot="description" className={cx(s.sentence)} hidden={!open && !always}>
        {sentence}
      </Text>
    ),
  };
}
