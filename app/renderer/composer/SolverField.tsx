import { Choice } from '../controls/Choice.tsx';
import { edit, useForm } from '../state/form.ts';
import { useWords } from '../words/words.ts';

const solvers = [
  { id: 'unipc', name: 'UniPC' },
  { id: 'dpm++', name: 'DPM++' },
  { id: 'euler', name: 'Euler' },
] as const;

export const solverName = (id: string): string => solvers.find((one) => one.id === id)?.name ?? id;

export function SolverField() {
  const { solver: words, create } = useWords();
  const solver = useForm((form) => form.draft.solver);
  return (
    <Choice
      field="solver"
      label={words.label}
      options={solvers}
      chosen={solver}
      help={create.help.solver}
      onChoose={(id) => edit({ solver: id })}
    />
  );
}
