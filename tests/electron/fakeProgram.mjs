// Stands where Electron's program would: a plain Node that runs the built main process with a stub for `electron`.
// FAKE_ELECTRON=dies: it ends as Electron does where a library is missing. =second: a first one is open already.
import { register } from 'node:module';
import { join } from 'node:path';
import { fakeElectron } from '../../app/tests/fakeElectron.mjs';

if (process.env.FAKE_ELECTRON === 'dies') {
  console.error('[1122/220000.123:FATAL:electron/shell.cc(1)] The sandbox helper is not configured correctly.');
  process.exit(133);
}
const [root] = process.argv.slice(2);
const { app, electron, windows } = fakeElectron({
  root,
  first: process.env.FAKE_ELECTRON !== 'second',
  onQuit: () => process.exit(0),
});
app.exit = (code) => process.exit(code);
globalThis.electron = electron;
const names = Object.keys(electron).map((name) => `export const ${name} = globalThis.electron.${name};`);
const stub = `data:text/javascript,${encodeURIComponent(names.join('\n'))}`;
const hooks = `export const resolve = (name, context, next) =>
  name === 'electron' ? { url: ${JSON.stringify(stub)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
await import(join(root, 'app', 'dist', 'main', 'main.mjs'));
app.on('before-quit', () => console.log('before-quit'));
setInterval(() => windows.length, 1000); // a window keeps Electron running
