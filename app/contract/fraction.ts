import type { Job } from './job.ts';
import { type Phase, phases } from './phase.ts';

/** What part of a whole job a phase usually is; only the bar's evenness depends on it. */
const SHARE: Readonly<Record<Phase, number>> = { load: 6, text: 3, image: 2, denoise: 72, decode: 14, write: 3 };

/** A job, or news of one, which does not say whether there is a picture. */
type Going = Pick<Job, 'state' | 'phase' | 'step' | 'steps'> & { readonly request?: Pick<Job['request'], 'image'> };

/** The phases this job goes through. */
export const phasesOf = (job: Going): Phase[] =>
  phases.filter((phase) => phase !== 'image' || job.request?.image !== null);

/** How far the whole job is, 0 to 1, over all of its phases. */
export function fraction(job: Going): number {
  if (job.state === 'done') return 1;
  if (job.phase === null) return 0;
  const through = phasesOf(job);
  const whole = through.reduce((sum, phase) => sum + SHARE[phase], 0);
  const before = through.slice(0, through.indexOf(job.phase)).reduce((sum, phase) => sum + SHARE[phase], 0);
  const inside = job.step !== null && job.steps ? Math.min(1, job.step / job.steps) : 0;
  return (before + SHARE[job.phase] * inside) / whole;
}
