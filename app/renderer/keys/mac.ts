/** A Mac has Cmd where others have Ctrl. */
export const mac = /^Mac/.test(navigator.platform);
