import { FileVideo } from 'lucide-react';
import { FileTrigger } from 'react-aria-components';
import { Button } from '../controls/Button.tsx';
import { take } from '../state/taking.ts';
import { useWords } from '../words/words.ts';

/** The way to a video's settings by the keyboard: the same as dropping it anywhere. */
export function OpenVideo() {
  const words = useWords().composer;
  return (
    <FileTrigger acceptedFileTypes={['video/mp4']} onSelect={(files) => files?.[0] && void take(files[0])}>
      <Button look="plain">
        <FileVideo size={15} aria-hidden="true" />
        {words.openVideo}
      </Button>
    </FileTrigger>
  );
}
