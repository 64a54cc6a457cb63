import { homedir, userInfo } from 'node:os';

export type Mask = (text: string) => string;

const quoted = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

// Not the middle of a word, a URL, a fraction or a path that is already masked.
const START = String.raw`(?:(?<=file:\/\/)|(?<![\p{L}\p{N}_./\\~…\]})])(?<!:(?=\/\/)))`;
const DRIVE = String.raw`(?<![\p{L}\p{N}_])[A-Za-z]:`;
const SEPARATORS = String.raw`[\\/]+`;
// A folder's name may hold spaces, but it does not begin or end with one and goes on over no end of a phrase.
const CHARACTER = String.raw`(?:[^\s\\/"<>|*?:,;.']|[,;.'](?!\s)|(?<!\.\w{2,11})[^\S\r\n])`;
const FOLDER = String.raw`(?!\s)${CHARACTER}{1,200}(?<!\s)${SEPARATORS}`;

// Only the folders are taken away. The last name stays, so that nobody has to know where it ends.
const FOLDERS = new RegExp(
  String.raw`(?:${DRIVE}${SEPARATORS}(?:${FOLDER})*|${START}\\{2,}(?:[?.]${SEPARATORS})?(?:[A-Za-z]:${SEPARATORS})?(?:${FOLDER})*|${START}\/+(?:${FOLDER})+)(?=[^\s\\/])`,
  'gu',
);

/** Takes the person's own places out of a text: home is `~`, of any other absolute path only the last name stays. */
export function masker(homes: readonly string[], user: string): Mask {
  const known = homes
    .map((home) => home.replace(/[\\/]+$/, ''))
    .filter((home) => home !== '')
    .sort((one, other) => other.length - one.length)
    .map((home) => {
      const places = home
        .replace(/^\//, '')
        .split(/[\\/]+/)
        .map(quoted)
        .join(SEPARATORS);
      const windows = /^[A-Za-z]:/.test(home);
      return new RegExp(
        String.raw`${windows ? '' : '/'}${places}(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`,
        windows ? 'giu' : 'gu',
      );
    });
  // As a name in a path alone: in other places it may be an ordinary word.
  const name = user === '' ? null : new RegExp(String.raw`(?<=[\\/])${quoted(user)}(?![\p{L}\p{N}_.-])`, 'giu');
  return (text) => {
    if (!/[\\/]/.test(text)) return text;
    let masked = text;
    for (const home of known) masked = masked.replace(home, '~');
    masked = masked.replace(FOLDERS, '…/');
    return name ? masked.replace(name, '…') : masked;
  };
}

const user = (): string => {
  try {
    return userInfo().username;
  } catch {
    return ''; // an account without a name, as in some containers
  }
};

/** The mask of whoever runs this. */
export const mask: Mask = masker([homedir()], user());
