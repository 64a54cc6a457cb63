import { koDoctor } from './ko-doctor.ts';
import { koDownload } from './ko-download.ts';
import { koEngine } from './ko-engine.ts';
import { koRefused } from './ko-refused.ts';
import type { Sentences } from './sentences.ts';

/** Every case in Korean; one that is missing does not compile. */
export const koCases: Sentences = { ...koRefused, ...koDownload, ...koEngine, ...koDoctor };
