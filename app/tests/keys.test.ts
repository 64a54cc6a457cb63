// The one table of keys, and how commands are found.
import { describe, expect, test } from 'vitest';
import { finds } from '../renderer/keys/find.ts';
import { actionIds, actionOf, capsOf, type Pressed, table } from '../renderer/keys/table.ts';
import { enActions } from '../renderer/words/en-actions.ts';
import { koActions } from '../renderer/words/ko-actions.ts';

const none = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const pressed = (key: string, more: Partial<Pressed> = {}): Pressed => ({ key, code: '', ...none, ...more });
const ctrl = { ctrlKey: true };

describe('the table of keys', () => {
  test('uses no key twice', () => {
    const keys = actionIds.map((id) => table[id]).filter((key) => key !== null);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each(actionIds)('%s is called something of its own in both languages', (id) => {
    expect(enActions[id]).toMatch(/^[A-Z]/);
    expect(koActions[id]).toMatch(/[가-힣]/);
    for (const names of [enActions, koActions])
      expect(Object.values(names).filter((name) => name === names[id])).toHaveLength(1);
  });

  test('has a key heard as it is written', () => {
    expect(actionOf(pressed('k', ctrl), false)).toBe('palette');
    expect(actionOf(pressed('K', ctrl), false)).toBe('palette'); // caps lock
    expect(actionOf(pressed('.', ctrl), false)).toBe('cancel');
    expect(actionOf(pressed('.'), false)).toBe('forward');
    expect(actionOf(pressed(' '), false)).toBe('play');
    expect(actionOf(pressed('?', { shiftKey: true }), false)).toBe('keys');
    expect(actionOf(pressed('Enter', ctrl), false)).toBe('generate');
  });

  test('hears a letter by its place where the keyboard writes Korean', () => {
    expect(actionOf(pressed('ㄱ', { code: 'KeyR' }), false)).toBe('reuse');
    expect(actionOf(pressed('ㅏ', { code: 'KeyK', ...ctrl }), false)).toBe('palette');
  });

  test('leaves other combinations to others', () => {
    expect(actionOf(pressed('k'), false)).toBeNull();
    expect(actionOf(pressed('R', { shiftKey: true }), false)).toBeNull();
    expect(actionOf(pressed('r', ctrl), false)).toBeNull(); // reload
    expect(actionOf(pressed('J', { ...ctrl, shiftKey: true }), false)).toBeNull(); // the browser's tools
    expect(actionOf(pressed('k', { ...ctrl, altKey: true }), false)).toBeNull();
    expect(actionOf(pressed('Unidentified'), false)).toBeNull();
  });

  test('means Cmd on a Mac, and says so', () => {
    expect(actionOf(pressed('k', { metaKey: true }), true)).toBe('palette');
    expect(actionOf(pressed('k', ctrl), true)).toBeNull();
    expect(actionOf(pressed('k', { metaKey: true }), false)).toBeNull();
    expect(capsOf('palette', true)).toEqual(['⌘', 'K']);
    expect(capsOf('palette', false)).toEqual(['Ctrl', 'K']);
    expect(capsOf('doctor', false)).toEqual([]);
  });
});

describe('a command', () => {
  const found = (typed: string) => actionIds.filter((id) => finds(`${enActions[id]} ${koActions[id]}`, typed));

  test('is found by a word of either language', () => {
    expect(found('대기열')).toEqual(found('queue'));
    expect(found('pause')).toEqual(['play', 'pause']);
    expect(found('대기열 정지')).toEqual(['pause']);
    expect(found('어둡')).toEqual(found('DARK'));
  });

  test('is found while a syllable is still being put together', () => {
    for (const typed of ['대기ㅇ', '대깅', '대기여']) expect(found(typed)).toEqual(found('대기열'));
    expect(found('대긴')).toEqual([]);
  });

  test('is everything for nothing, and nothing for what no one is called', () => {
    expect(found('')).toEqual(actionIds);
    expect(found('  queue  ')).toEqual(found('queue'));
    expect(found('elephant')).toEqual([]);
  });
});
