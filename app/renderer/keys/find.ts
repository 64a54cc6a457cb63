/** The last consonants of syllables, U+11A8 and on, as the first ones of the next. */
const LAST =
  'ᄀ,ᄁ,ᄀᄉ,ᄂ,ᄂᄌ,ᄂᄒ,ᄃ,ᄅ,ᄅᄀ,ᄅᄆ,ᄅᄇ,ᄅᄉ,ᄅᄐ,ᄅᄑ,ᄅᄒ,ᄆ,ᄇ,ᄇᄉ,ᄉ,ᄊ,ᄋ,ᄌ,ᄎ,ᄏ,ᄐ,ᄑ,ᄒ'.split(',');

/** Letters apart, so that “대깅”, on its way to “대기열”, already finds it. */
const loose = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u11a8-\u11c2]/g, (letter) => LAST[letter.charCodeAt(0) - 0x11a8] ?? letter);

/** Whether every word of what was typed is somewhere in a name, or in one of its names. */
export const finds = (names: string, typed: string): boolean =>
  loose(typed)
    .split(/\s+/)
    .every((part) => loose(names).includes(part));
