import { Library } from 'lucide-react';
import { HeaderButton } from '../header/HeaderButton.tsx';
import { closeModels, openModels, useModels } from '../state/models.ts';
import { useWords } from '../words/words.ts';
import { ModelsSheet } from './ModelsSheet.tsx';

/** The way to the models: those that are here, and those that could be. */
export function Models() {
  const words = useWords().models;
  const open = useModels((shelf) => shelf.open);
  return (
    <>
      <HeaderButton icon={Library} word={words.label} onPress={openModels} />
      <ModelsSheet open={open} onClose={closeModels} />
    </>
  );
}
