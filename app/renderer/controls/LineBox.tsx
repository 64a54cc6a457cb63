import { FieldError, Input, Label, TextField } from 'react-aria-components';
import type { Trouble } from '../../contract/failure.ts';
import { isComposing } from './composing.ts';
import { cx } from './cx.ts';
import { Saying } from './Saying.tsx';
import s from './TextBox.module.css';

interface Props {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Gets the text as it stands, which may be newer than the value. */
  readonly onEnter: (value: string) => void;
  readonly placeholder: string;
  readonly failure: Trouble | null;
}

/** One line of text that is no field of the form: a path, an address. */
export const LineBox = ({ label, value, onChange, onEnter, placeholder, failure }: Props) => (
  <TextField
    className={cx(s.field)}
    value={value}
    onChange={onChange}
    isInvalid={failure !== null}
    validationBehavior="aria"
    autoFocus
  >
    <Label className={cx(s.label)}>{label}</Label>
    <div className={cx(s.box)}>
      <Input
        className={cx(s.input)}
        placeholder={placeholder}
        spellCheck={false}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.ctrlKey || isComposing(event)) return;
          event.preventDefault();
          onEnter(event.currentTarget.value);
        }}
      />
    </div>
    <FieldError className={cx(s.error)}>{failure && <Saying what={failure} />}</FieldError>
  </TextField>
);
