import type { Job } from '../../contract/job.ts';
import type { Input } from '../../contract/request.ts';
import { withJob } from '../state/draft.ts';
import { replaceDraft, useForm } from '../state/form.ts';
import { useWorld } from '../state/store.ts';

/** Puts a job's settings back into the form, its picture too. */
export function reuse(job: Job): void {
  const { image, model: id } = job.request;
  const model = useWorld.getState().models.find((one) => one.id === id);
  const { draft } = useForm.getState();
  const same = draft.picture?.id === image ? draft.picture : null;
  const picture: Input | null = image === null ? null : (same ?? { id: image, width: 0, height: 0, type: '' });
  replaceDraft(withJob(draft, job.request, model, picture));
}
