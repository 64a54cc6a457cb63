import { Stethoscope } from 'lucide-react';
import { useEffect } from 'react';
import { cx } from '../controls/cx.ts';
import { HeaderButton } from '../header/HeaderButton.tsx';
import { examine, useDoctor } from '../state/doctor.ts';
import { closeSheet, openSheet, useSheets } from '../state/sheets.ts';
import { useWorld } from '../state/store.ts';
import { useWords } from '../words/words.ts';
import s from './Doctor.module.css';
import { DoctorSheet } from './DoctorSheet.tsx';

/** Until the page has settled, there is something better to do. */
const SETTLED_MS = 1500;

/** Before the first video, the machine is looked at without being asked. */
function useFirstLook(): void {
  const first = useWorld((world) => world.synced && world.jobs.length === 0);
  useEffect(() => {
    if (!first || useDoctor.getState().checks) return;
    const timer = setTimeout(() => void examine(), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [first]);
}

/** Opens the sheet, and has a look. */
export function consult(): void {
  openSheet('doctor');
  void examine();
}

/** The way to the doctor; a dot when there is something to look at. */
export function Doctor() {
  const words = useWords().doctor;
  const open = useSheets((sheets) => sheets.open === 'doctor');
  const checks = useDoctor((findings) => findings.checks) ?? [];
  const fails = checks.filter((check) => check.state === 'fail').length;
  const noted = checks.filter((check) => check.state !== 'ok').length;
  useFirstLook();
  return (
    <>
      <HeaderButton
        icon={Stethoscope}
        word={words.label}
        label={noted > 0 ? words.found(noted) : words.label}
        onPress={consult}
      >
        {noted > 0 && <span className={cx(s.dot, fails > 0 && s.bad)} />}
      </HeaderButton>
      <DoctorSheet open={open} onClose={closeSheet} />
    </>
  );
}
