import type { KeyboardEvent, ReactNode } from 'react';
import { FieldError, Input, Label, TextArea, TextField } from 'react-aria-components';
import { readNumber, type TypedField } from '../state/draft.ts';
import { type, useForm } from '../state/form.ts';
import { cx } from './cx.ts';
import { useHelp } from './Help.tsx';
import { Saying } from './Saying.tsx';
import s from './TextBox.module.css';

interface Props {
  readonly field: TypedField;
  readonly label: string;
  readonly placeholder?: string;
  /** What it is for, in a sentence. */
  readonly help?: string;
  /** Beside the label, at the far end. */
  readonly aside?: ReactNode;
  /** Inside the box, after the text. */
  readonly after?: ReactNode;
  readonly rows?: number;
  readonly hiddenLabel?: boolean;
  /** What the arrow keys add; a box with a step holds a number. */
  readonly step?: number;
  /** Of a box with rows. */
  readonly onKeyDown?: (event: KeyboardEvent<HTMLTextAreaElement>) => void;
}

/** A labelled box for one field of the form, with its own refusal under it. It alone is drawn anew as one types. */
export function TextBox(props: Props) {
  const { field, label, placeholder, help, aside, after, rows, hiddenLabel, step, onKeyDown } = props;
  const value = useForm((form) => form.draft[field]);
  const error = useForm((form) => form.errors[field]);
  const { button, sentence } = useHelp(label, help, hiddenLabel);
  const nudge = (event: KeyboardEvent): void => {
    if (step === undefined || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    const number = readNumber(value);
    if (number === null) return;
    event.preventDefault();
    const moved = number + (event.key === 'ArrowUp' ? step : -step);
    type(field, String(Math.max(0, Math.round(moved * 1000) / 1000)));
  };
  return (
    <TextField
      className={cx(s.field)}
      value={value}
      onChange={(text) => type(field, text)}
      isInvalid={error !== undefined}
      validationBehavior="aria"
      data-field={field}
    >
      <div className={cx(s.head, hiddenLabel && 'unseen')}>
        <span className={cx(s.named)}>
          <Label className={cx(s.label)}>{label}</Label>
          {button}
        </span>
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
          <TextArea
            className={cx(s.input)}
            name={field}
            placeholder={placeholder ?? ''}
            rows={rows}
            onKeyDown={onKeyDown}
          />
        )}
        {after}
      </div>
      {sentence}
      <FieldError className={cx(s.error)}>{error && <Saying what={error} />}</FieldError>
    </TextField>
  );
}
