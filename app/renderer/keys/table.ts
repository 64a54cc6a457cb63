/** Everything the page can be told to do from anywhere, with its key; `Mod` is Ctrl, and Cmd on a Mac. */
export const table = {
  generate: 'Mod+Enter',
  cancel: 'Mod+.',
  palette: 'Mod+K',
  queue: 'Mod+J',
  gallery: 'Mod+G',
  settings: 'Mod+,',
  keys: '?',
  play: 'Space',
  back: ',',
  forward: '.',
  reuse: 'R',
  seed: null,
  firstFrame: null,
  lastFrame: null,
  download: null,
  reveal: null,
  retry: null,
  pause: null,
  resume: null,
  models: null,
  doctor: null,
  log: null,
  english: null,
  korean: null,
  auto: null,
  light: null,
  dark: null,
  moreContrast: null,
  usualContrast: null,
} as const;

export type ActionId = keyof typeof table;

export const actionIds = Object.keys(table) as readonly ActionId[];

/** What a key event says of itself. */
export interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The letter on the key, also while the keyboard writes another script. */
function letterOf({ key, code }: Pressed): string | null {
  if (/^[a-z]$/i.test(key)) return key.toUpperCase();
  return /^[ -~]|^\w{2,}$/.test(key) ? null : (/^Key([A-Z])$/.exec(code)?.[1] ?? null);
}

/** A key event as the table writes it: “Mod+K”, “?”, “R”. */
export function chordOf(pressed: Pressed, mac: boolean): string | null {
  const [mod, other] = mac ? [pressed.metaKey, pressed.ctrlKey] : [pressed.ctrlKey, pressed.metaKey];
  const letter = letterOf(pressed);
  if (other || pressed.altKey || (pressed.shiftKey && (letter || mod))) return null;
  const key = letter ?? (pressed.key === ' ' ? 'Space' : pressed.key);
  return mod ? `Mod+${key}` : key;
}

/** What a key event asks for. */
export const actionOf = (pressed: Pressed, mac: boolean): ActionId | null => {
  const chord = chordOf(pressed, mac);
  return actionIds.find((id) => table[id] !== null && table[id] === chord) ?? null;
};

/** The key caps of an action, one after the other. */
export const capsOf = (id: ActionId, mac: boolean): readonly string[] =>
  table[id]?.split('+').map((cap) => (cap === 'Mod' ? (mac ? '⌘' : 'Ctrl') : cap)) ?? [];
