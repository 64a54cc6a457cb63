import { Calculator, CircleCheck, CircleX, RotateCw, TriangleAlert } from 'lucide-react';
import type { Check } from '../../contract/method.ts';
import { Button } from '../controls/Button.tsx';
import { CopyButton } from '../controls/CopyButton.tsx';
import { cx } from '../controls/cx.ts';
import { Refused } from '../controls/Refused.tsx';
import { Details } from '../controls/Saying.tsx';
import { Sheet } from '../controls/Sheet.tsx';
import { examine, useDoctor } from '../state/doctor.ts';
import { useSaid, useWords } from '../words/words.ts';
import s from './DoctorSheet.module.css';

const icons = { ok: CircleCheck, warn: TriangleAlert, fail: CircleX };

/** In English, for whoever helps; it comes without paths and names. */
const report = (checks: readonly Check[]): string =>
  checks
    .map(({ state, title, detail, hint }) => `[${state}] ${title}: ${[detail, hint].filter(Boolean).join(' ')}`)
    .join('\n');

/** Is this machine well? What was looked at, what was found, and what to do about it. */
export function DoctorSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords();
  const { checks, looking, computing, refusal } = useDoctor();
  const count = (state: Check['state']): number => checks?.filter((check) => check.state === state).length ?? 0;
  const verdict = words.doctor.notes(count('fail'), count('warn')) || words.doctor.fine;
  return (
    <Sheet
      title={words.doctor.title}
      open={open}
      onClose={onClose}
      foot={
        <>
          <Button onPress={() => void examine()}>
            <RotateCw size={15} aria-hidden="true" />
            {words.doctor.again}
          </Button>
          <Button
            isDisabled={looking}
            onPress={({ target }) => {
              target.closest<HTMLElement>('[role="dialog"]')?.focus(); // which the button is about to lose
              void examine(true);
            }}
          >
            <Calculator size={15} aria-hidden="true" />
            {words.doctor.arithmetic}
          </Button>
          <CopyButton text={() => report(checks ?? [])}>{words.copyReport}</CopyButton>
          <p className={cx(s.more)}>{words.doctor.more}</p>
        </>
      }
    >
      <p className={cx(s.verdict)} role="status">
        {looking || !checks ? !refusal && words.doctor[computing ? 'computing' : 'looking'] : verdict}
      </p>
      {refusal && (
        <div className={cx(s.refusal)}>
          <Refused what={refusal} />
        </div>
      )}
      <ul className={cx(s.checks, looking && s.old)}>
        {checks?.map((check) => (
          <Row key={check.id} check={check} />
        ))}
      </ul>
    </Sheet>
  );
}

function Row({ check }: { check: Check }) {
  const words = useWords();
  const { message, hint, details } = useSaid()({ ...check, code: null, message: check.detail });
  const Icon = icons[check.state];
  return (
    <li className={cx(s.check, s[check.state])}>
      <Icon size={18} aria-hidden="true" className={cx(s.icon)} />
      <div className={cx(s.said)}>
        <h3 className={cx(s.title)}>{words.doctor.check(check.id, check.title)}</h3>
        {message && <p>{message}</p>}
        {hint && <p className={cx(s.hint)}>{hint}</p>}
        {details && <Details text={details} />}
      </div>
      <span className={cx(s.state)}>{words.health[check.state]}</span>
    </li>
  );
}
