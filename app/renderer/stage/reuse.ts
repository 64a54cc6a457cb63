import type { Input, Resolved } from '../../contract/request.ts';
import { refill, useForm } from '../state/form.ts';

/** Puts the settings of a job back into the form, its picture too. */
export function reuse({ request }: { readonly request: Resolved }): void {
  const { image } = request;
  const { picture: shown } = useForm.getState().draft;
  const same = shown?.id === image ? shown : null;
  const picture: Input | null = image === null ? null : (same ?? { id: image, width: 0, height: 0, type: '' });
  refill(request, picture);
}
