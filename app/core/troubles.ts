import type { z } from 'zod';
import type { Case } from '../contract/cases.ts';
import type { Failure, Trouble } from '../contract/failure.ts';
import { Refusal, sentence } from '../contract/refusal.ts';
import { mask } from './mask.ts';

const AGAIN = 'It starts again by itself; try once more.';

/** Why a process has left, as the system tells it. */
export function exited(code: number | null, signal: NodeJS.Signals | null): Trouble {
  if (signal === null) {
    const values = { code: code ?? -1 };
    const message = `The background process stopped (exit code ${values.code}).`;
    return sentence('ENGINE_CRASHED', 'sidecar_exit', values, message, AGAIN);
  }
  return sentence(
    'ENGINE_CRASHED',
    'sidecar_signal',
    { signal },
    `The background process was ended from outside (signal ${signal}).`,
    `${AGAIN} If nobody ended it, the computer may have run out of memory.`,
  );
}

export function notStarted(path: string, reason: string): Trouble {
  const values = { path: mask(path), reason };
  if (reason === 'ENOENT' || reason === 'EACCES') {
    const message = `Python could not be started: ${values.path} (${reason}).`;
    return sentence('PYTHON_MISSING', 'python_missing', values, message, 'Run: npm run setup');
  }
  const message = `The background process could not be started: ${values.path} (${reason}).`;
  return sentence('ENGINE_CRASHED', 'sidecar_not_started', values, message, 'Close other programs, then start again.');
}

export const silent = (seconds: number): Trouble =>
  sentence(
    'ENGINE_HUNG',
    'sidecar_silent',
    { seconds },
    `The background process has said nothing for ${seconds} s.`,
    'It is ended and started again by itself; try once more.',
  );

export const notRunning = (givenUp: boolean): Refusal =>
  Refusal.of(
    givenUp
      ? sentence(
          'ENGINE_CRASHED',
          'sidecar_given_up',
          {},
          'The background process is not running.',
          'Press “Start again”.',
        )
      : sentence(
          'ENGINE_CRASHED',
          'sidecar_starting',
          {},
          'The background process is not running yet.',
          'It is starting; try again in a moment.',
        ),
  );

export const unanswered = (op: string, seconds: number): Refusal =>
  Refusal.of(
    sentence(
      'PROTOCOL',
      'unanswered',
      { op, seconds },
      `The background process did not answer “${op}” in ${seconds} s.`,
      'Try again.',
    ),
  );

export const unreadable = (op: string, where = ''): Refusal => {
  const place = where ? ` (${where})` : '';
  const message = `The answer to “${op}” could not be read${place}.`;
  return Refusal.of(sentence('PROTOCOL', 'unreadable', { op, where }, message, 'The log has the details.'));
};

export const otherProtocol = (theirs: number, ours: number): Trouble =>
  sentence(
    'PROTOCOL',
    'other_protocol',
    { theirs, ours },
    `The background process speaks protocol ${theirs}; this app speaks ${ours}.`,
    'Run: npm run setup',
  );

export const unknownMethod = (name: string): Refusal => {
  const method = name.slice(0, 40);
  return Refusal.of(sentence('UNKNOWN_OP', 'unknown_method', { method }, `There is no “${method}”.`));
};

/** The first thing that the contract has against the parameters of a call. */
export function badParameter(error: z.ZodError): Refusal {
  const [issue] = error.issues;
  const field = ['$', ...(issue?.path ?? [])].map(String).join('.');
  const message = issue?.message ?? 'This cannot be read.';
  const name = issue?.code === 'custom' ? issue.params?.case : null;
  if (typeof name === 'string') return new Refusal('BAD_REQUEST', message, { field, case: name });
  return new Refusal('BAD_REQUEST', message, { field, case: 'bad_parameter' satisfies Case, values: { field } });
}

export const noMedia = (): Refusal =>
  Refusal.of(sentence('UNKNOWN_MEDIA', 'unknown_media', {}, 'There is no such picture or video.'));

/** What a window is told: a refusal as it is; of anything else only that it happened, the rest is for the log. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return error.failure;
  console.error(error);
  const message = 'Something went wrong inside the app.';
  return { ...sentence('INTERNAL', 'app_mistake', {}, message, 'The log has the details.'), field: null };
}
