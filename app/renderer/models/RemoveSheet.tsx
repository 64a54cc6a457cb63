import type { Model } from '../../contract/model.ts';
import { Button } from '../controls/Button.tsx';
import { Sheet } from '../controls/Sheet.tsx';
import { act } from '../state/models.ts';
import { useWords } from '../words/words.ts';

interface Props {
  readonly model: Model;
  /** Whether its files are ours to delete. */
  readonly files: boolean;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Before a model goes, it is asked how far. */
export function RemoveSheet({ model, files, open, onClose }: Props) {
  const words = useWords().models;
  const remove = (files: boolean): void => {
    onClose();
    void act('remove_model', { model: model.id, files });
  };
  return (
    <Sheet
      asks
      title={words.removeHead(model.name)}
      open={open}
      onClose={onClose}
      foot={
        <>
          <Button autoFocus onPress={onClose}>
            {words.keep}
          </Button>
          <Button onPress={() => remove(false)}>{words.removeList}</Button>
          {files && <Button onPress={() => remove(true)}>{words.removeFiles}</Button>}
        </>
      }
    >
      <p>{words.removeBody}</p>
    </Sheet>
  );
}
