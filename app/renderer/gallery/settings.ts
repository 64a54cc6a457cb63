import type { Model } from '../../contract/model.ts';
import type { Resolved } from '../../contract/request.ts';
import { solverName } from '../composer/SolverField.tsx';
import { guidanceText } from '../state/draft.ts';
import type { Words } from '../words/en.ts';

export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** All that a video was made with, in words, in the order of the form. */
export function settingsOf(request: Resolved, words: Words, models: readonly Model[]): readonly Setting[] {
  const { frames, fps } = request;
  const model = models.find((one) => one.id === request.model)?.name ?? request.model;
  const length = `${words.stage.frames(frames)}, ${words.length.seconds((frames / fps).toFixed(1))}`;
  return [
    { name: words.composer.prompt, value: request.prompt },
    { name: words.composer.negative, value: request.negative_prompt },
    { name: words.picture.label, value: request.image?.slice(0, 8) ?? '' },
    { name: words.model.label, value: model },
    { name: words.size.label, value: `${request.width}×${request.height}` },
    { name: words.length.label, value: length },
    { name: words.length.fps, value: String(fps) },
    { name: words.steps.label, value: String(request.steps) },
    { name: words.guidance.label, value: guidanceText(request.guidance) },
    { name: words.shift.label, value: String(request.shift) },
    { name: words.solver.label, value: solverName(request.solver) },
    { name: words.seed.label, value: request.seed },
  ];
}
