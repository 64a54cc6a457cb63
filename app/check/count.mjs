// What the runners found, as numbers: plain functions, tested beside set-up's.

/** @typedef {{ name: string, reason: string }} Skipped */
/** @typedef {{ passed: number, failed: number, skipped: Skipped[] }} Counts */

/** @param {string} text */
const unescaped = (text) =>
  text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&apos;/g, "'")
    .replace(/&amp;/g, '&');

/** @param {string} attributes @param {string} name */
function attribute(attributes, name) {
  return unescaped(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
}

/** Counts a junit file as pytest writes it. A test that fails and then cannot clean up is one failure.
 * @param {string} xml @returns {Counts} */
export function countJunit(xml) {
  /** @type {Map<string, 'passed' | 'failed' | Skipped>} */
  const tests = new Map();
  for (const [, attributes = '', body = ''] of xml.matchAll(
    /<testcase\b((?:[^">]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  )) {
    const name = [attribute(attributes, 'classname'), attribute(attributes, 'name')].filter(Boolean).join('::');
    const skipped = /<skipped\b((?:[^">]|"[^"]*")*)/.exec(body);
    if (/<(failure|error)\b/.test(body)) tests.set(name, 'failed');
    else if (skipped) tests.set(name, { name, reason: attribute(skipped[1] ?? '', 'message') });
    else if (!tests.has(name)) tests.set(name, 'passed');
  }
  const all = [...tests.values()];
  return {
    passed: all.filter((test) => test === 'passed').length,
    failed: all.filter((test) => test === 'failed').length,
    skipped: all.filter((test) => typeof test === 'object'),
  };
}

/** What a runner's counts and its exit say together: a runner that crashed, or ran nothing, has failed.
 * @param {Counts | null} counts null: it wrote none @param {number | null} exitCode @returns {Counts & { note: string }} */
export function verdict(counts, exitCode) {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: [] };
  if (!counts) return { passed, failed: 1, skipped, note: `crashed (exit code ${exitCode})` };
  if (passed + failed + skipped.length === 0) return { passed, failed: 1, skipped, note: 'ran nothing' };
  if (exitCode !== 0 && failed === 0) return { passed, failed: 1, skipped, note: `ended with exit code ${exitCode}` };
  return { passed, failed, skipped, note: '' };
}

/** The last line of a run.
 * @param {number} passed @param {number} failed @param {number} skipped */
export function closingLine(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
