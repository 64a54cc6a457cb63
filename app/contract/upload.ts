import { Refusal, sentence } from './refusal.ts';

/** The largest picture in bytes that a window may hand over. */
export const UPLOAD_CAP = 64 * 1024 * 1024;

export function tooLarge(cap = UPLOAD_CAP): Refusal {
  const mib = cap / 1024 / 1024;
  const message = `This file is larger than ${mib} MiB.`;
  return Refusal.of(sentence('INPUT_BAD_IMAGE', 'upload_too_large', { mib }, message, 'Choose a smaller picture.'));
}
