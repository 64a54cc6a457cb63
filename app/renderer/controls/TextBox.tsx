import type { KeyboardEvent, ReactNode, Ref } from 'react';
import { FieldError, Input, Label, Text, TextArea, TextField } from 'react-aria-components';
import { type Field, readNumber } from '../state/draft.ts';
import { useForm } from '../state/form.ts';
import { cx } from './cx.ts';
import s from './TextBox.module.css';

interface Props {
  readonly field: Field;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly description?: string | undefined;
  /** Beside the label, at the far end. */
  readonly aside?: ReactNode;
  /** Inside the box, after the text. */
  readonly after?: ReactNode;
  readonly rows?: number;
  readonly hiddenLabel?: boolean;
  /** What the arrow keys add; a box with a step holds a number. */
  readonly step?: number;
  readonly areaRef?: Ref<HTMLTextAreaElement>;
}

/** A labelled box with its own refusal under it. */
export function TextBox({ field, label, value, onChange, placeholder, description, aside, after, ...more }: Props) {
  const { rows, hiddenLabel, step, areaRef } = more;
  const error = useForm((form) => form.errors[field]);
  const nudge = (event: KeyboardEvent): void => {
    if (step === undefined || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    const number = readNumber(value);
    if (number === null) return;
    event.preventDefault();
    const moved = number + (event.key === 'ArrowUp' ? step : -step);
    onChange(String(Math.max(0, Math.round(moved * 1000) / 1000)));
  };
  return (
    <TextField
      className={cx(s.field)}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      data-field={field}
    >
      <div className={cx(s.head, hiddenLabel && 'unseen')}>
        <Label className={cx(s.label)}>{label}</Label>
        {aside}
      </div>
      <div className={cx(s.box, rows !== undefined && s.tall)}>
        {rows === undefined ? (
          <Input
            className={cx(s.input)}
            placeholder={placeholder ?? ''}
            inputMode={step === undefined ? 'text' : 'decimal'}
            autoComplete="off"
            spellCheck={false}
            onKeyDown={nudge}
          />
        ) : (
          <TextArea className={cx(s.input)} placeholder={placeholder ?? ''} rows={rows} ref={areaRef ?? null} />
        )}
        {after}
      </div>
      {description !== undefined && (
        <Text slot="description" className={cx(s.description)}>
          {description}
        </Text>
      )}
      <FieldError className={cx(s.error)}>
        {error?.message} {error?.hint}
      </FieldError>
    </TextField>
  );
}
