import { Check, ChevronsUpDown } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button,
  FieldError,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
} from 'react-aria-components';
import type { Field } from '../state/draft.ts';
import { useForm } from '../state/form.ts';
import s from './Choice.module.css';
import { cx } from './cx.ts';
import { useHelp } from './Help.tsx';
import { Saying } from './Saying.tsx';

export interface Option {
  readonly id: string;
  readonly name: string;
  readonly badge?: ReactNode;
  readonly note?: string;
  readonly disabled?: boolean;
}

interface Props {
  /** Of the form, where it is one of its fields. */
  readonly field?: Field;
  readonly label: string;
  readonly options: readonly Option[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
  readonly placeholder?: string;
  /** What it is for, in a sentence. */
  readonly help?: string;
  /** Beside the label, at the far end. */
  readonly aside?: ReactNode;
}

/** One of several, in a list that opens. What stands aside is outside: a list would take a button in it for its own. */
export function Choice({ field, label, options, chosen, onChoose, placeholder = '', help, aside }: Props) {
  const error = useForm((form) => field && form.errors[field]);
  const { button, sentence } = useHelp(label, help);
  return (
    <div className={cx(s.place)}>
      <Select
        className={cx(s.choice)}
        value={chosen}
        onChange={(id) => id !== null && onChoose(String(id))}
        placeholder={placeholder}
        disabledKeys={options.filter((option) => option.disabled).map((option) => option.id)}
        isInvalid={error !== undefined}
        validationBehavior="aria"
        data-field={field}
      >
        <div className={cx(s.named)}>
          <Label className={cx(s.label)}>{label}</Label>
          {button}
        </div>
        <Button className={cx(s.button)}>
          <SelectValue className={cx(s.value)} />
          <ChevronsUpDown size={15} aria-hidden="true" />
        </Button>
        {sentence}
        <FieldError className={cx(s.error)}>{error && <Saying what={error} />}</FieldError>
        <Popover className={cx(s.popover)}>
          <ListBox className={cx(s.list)} items={options}>
            {(option) => (
              <ListBoxItem id={option.id} textValue={option.name} className={cx(s.item)}>
                <span className={cx(s.row)}>
                  <Text slot="label">{option.name}</Text>
                  {option.badge}
                  <Check size={15} aria-hidden="true" className={cx(s.check)} />
                </span>
                {option.note && (
                  <Text slot="description" className={cx(s.note)}>
                    {option.note}
                  </Text>
                )}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </Select>
      {aside && <div className={cx(s.aside)}>{aside}</div>}
    </div>
  );
}
