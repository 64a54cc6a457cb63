import { type ReactNode, useEffect, useState } from 'react';
import { useWords } from '../words/words.ts';
import { Button, type ButtonLook } from './Button.tsx';

interface Props extends ButtonLook {
  /** What is copied, asked for when it is. */
  readonly text: () => string;
  readonly children: ReactNode;
}

/** Copies a text, and says for a moment that it did. */
export function CopyButton({ text, children, ...look }: Props) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button {...look} onPress={() => void navigator.clipboard.writeText(text()).then(() => setCopied(true))}>
      {copied ? words.copied : children}
    </Button>
  );
}
