import { Images } from 'lucide-react';
import { HeaderButton } from '../header/HeaderButton.tsx';
import { closeGallery, openGallery, useGallery } from '../state/gallery.ts';
import { useWords } from '../words/words.ts';

/** The way to every video that was made, and back. */
export function GalleryButton() {
  const words = useWords().gallery;
  const open = useGallery((album) => album.open);
  return (
    <HeaderButton
      icon={Images}
      word={words.label}
      aria-expanded={open}
      onPress={open ? closeGallery : openGallery}
      data-gallery-button
    />
  );
}
