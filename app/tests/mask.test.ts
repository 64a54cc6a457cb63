import { expect, test } from 'vitest';
import { masker } from '../core/mask.ts';

const posix = masker(['/home/jane'], 'jane');
const windows = masker(['C:\\Users\\홍 길동'], '홍 길동');

test.each([
  // Home, where its end is known and where it is not.
  ['The data folder /home/jane/My Videos/앱 is in use.', 'The data folder ~/My Videos/앱 is in use.'],
  ["cannot open '/home/jane'.", "cannot open '~'."],
  ['PATH=/home/jane/bin:/usr/bin', 'PATH=~/bin:…/bin'],
  ['file:///home/jane/비디오/x.mp4', 'file://~/비디오/x.mp4'],
  ['/home/jane.old/x.mp4', '…/x.mp4'],
  ['/home/janet/x.mp4', '…/x.mp4'],
  // Other places keep their last name.
  ['/media/jane/disk/model is broken.', '…/model is broken.'],
  ['/media/jane holds nothing.', '…/… holds nothing.'],
  ['/mnt/my disk/모델/wan 2.2/a.safetensors is torn.', '…/a.safetensors is torn.'],
  ["/mnt/Jane's disk/models/wan", '…/wan'],
  ["moved '/a/b/c' to '/d/e/f'.", "moved '…/c' to '…/f'."],
  ['/mnt/a/b is on /mnt/c/d', '…/b is on …/d'],
  ['(/a/b/c), /d/e; and/or f', '(…/c), …/e; and/or f'],
  ['/data/out/x.mp4 at 1280/704', '…/x.mp4 at 1280/704'],
  ['"/opt/x/한글 폴더/v.mp4": no', '"…/v.mp4": no'],
  ['  File "/usr/lib/python3.10/site-packages/x.py", line 1', '  File "…/x.py", line 1'],
  ['//server/share/folder/x.mp4', '…/x.mp4'],
  ['file:///opt/videos/x.mp4', 'file://…/x.mp4'],
])('%s becomes %s', (text, masked) => {
  expect(posix(text)).toBe(masked);
});

test.each([
  ['C:\\Users\\홍 길동\\AppData\\Local\\x.db', '~\\AppData\\Local\\x.db'],
  ['c:/users/홍 길동/x.db', '~/x.db'],
  ["'C:\\\\Users\\\\홍 길동\\\\x.db'", "'~\\\\x.db'"],
  ['C:\\Users\\홍 길동', '~'],
  ['C:\\Users\\홍길~1\\AppData\\x.db', '…/x.db'],
  ['HOST\\홍 길동', 'HOST\\…'],
  ['D:\\모델 모음\\Wan 2.2\\a.safetensors is torn', '…/a.safetensors is torn'],
  ['D:\\models is a model', '…/models is a model'],
  ['D:/models/wan: no', '…/wan: no'],
  ['\\\\server\\내 폴더\\a\\b', '…/b'],
  ['\\\\?\\C:\\a\\b\\c', '…/c'],
  ['\\\\?\\UNC\\server\\share\\c', '…/c'],
  [
    "[WinError 3] The system cannot find the path: 'E:\\\\Videos and more\\\\x.mp4'",
    "[WinError 3] The system cannot find the path: '…/x.mp4'",
  ],
])('%s becomes %s', (text, masked) => {
  expect(windows(text)).toBe(masked);
});

test.each([
  'https://example.org/a/b?c=1',
  'http://127.0.0.1:8080/media/x',
  '2025/08/29 12:19',
  '1280/704 and/or 832/480',
  ' 10%|█ | 2/20 [00:01<00:09, 1.2s/it]',
  'km / h, s/it, 가로/세로/깊이',
  'wan-mini 0.1/0.2, a:b, C: has 3 GiB free',
  './models/wan-mini and ../x/y',
  '</b> of [a/b]',
  'jane is a name here',
  '~/Videos/x.mp4 and …/x.mp4',
])('%s is no path of anybody', (text) => {
  expect(posix(text)).toBe(text);
  expect(windows(text)).toBe(text);
});

test('masking twice is masking once', () => {
  const once = posix('/home/jane/a b/c, /mnt/x y/z and D:\\a b\\c');
  expect(posix(once)).toBe(once);
});

test('a line made to be slow is not', () => {
  const started = performance.now();
  for (const text of ["'/a b".repeat(12_000), '/a '.repeat(20_000), '\\'.repeat(60_000), `/${'a '.repeat(30_000)}`])
    posix(text);
  expect(performance.now() - started).toBeLessThan(2000);
});
