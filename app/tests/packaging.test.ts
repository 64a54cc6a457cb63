// What the installer promises, read from its configuration, since it cannot be built everywhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
// @ts-expect-error plain JavaScript, as electron-builder reads it
import config from '../packaging/builder.config.mjs';
import { root } from './desktop.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { main, scripts, dependencies, devDependencies } = JSON.parse(read('package.json'));

test('the installer needs no administrator, asks for none and brings no helper that would', () => {
  expect(config.nsis).toMatchObject({ perMachine: false, allowElevation: false, packElevateHelper: false });
  expect(config.win.requestedExecutionLevel).toBe('asInvoker');
  expect(config.nsis.include ?? config.nsis.script).toBeUndefined();
});

test('removing the app leaves what a person owns', () => {
  expect(config.nsis.deleteAppDataOnUninstall).toBe(false);
});

test('the program runs nothing but our archive', () => {
  expect(config.asar).toBe(true);
  expect(config.disableAsarIntegrity).toBe(false);
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    enableCookieEncryption: true,
    grantFileProtocolExtraPrivileges: false,
  });
});

test('no check of a signature is turned off, and nothing is published', () => {
  expect(config.win.verifyUpdateCodeSignature).toBe(true);
  expect(JSON.stringify(config)).not.toMatch(
    /"(signExecutable|signAndEditExecutable|verifyUpdateCodeSignature)":false/,
  );
  expect(config.publish).toBeNull();
  expect(scripts.dist).toContain('--publish never');
});

test('Chromium’s sandbox is not turned off, here or anywhere', () => {
  expect(JSON.stringify(config)).not.toContain('no-sandbox');
  for (const file of ['app/start/desktop.mjs', 'app/main/main.ts', 'app/main/window.ts']) {
    expect(read(file)).not.toContain('no-sandbox');
  }
});

test('everything that the sidecar needs travels, under the folder in which it looks', () => {
  const to = config.extraResources.map((part: { to: string }) => part.to);
  for (const part of config.extraResources) expect(existsSync(join(root, part.from)), part.from).toBe(true);
  for (const part of ['sidecar', 'wan_core', 'models/wan-mini', 'pyproject.toml', 'requirements.lock']) {
    expect(to).toContain(`engine/${part}`);
  }
  for (const folder of ['sidecar', 'wan_core']) {
    const others = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.\w+$/.test(file) && !/\.pyc?$/.test(file) && !/^golden.\w+\.safetensors$/.test(file),
    );
    expect(others, 'only .py files of it travel, and the numbers of the self-test').toEqual([]);
  }
  expect(existsSync(join(root, config.directories.buildResources, 'icon.png'))).toBe(true);
});

test('the archive has main, preload and page, and the program starts with main', () => {
  expect(main).toBe('app/dist/main/main.mjs');
  expect(config.files).toEqual(['package.json', 'app/dist/main/**', 'app/dist/ui/**', '!node_modules/**']);
  for (const part of ['main', 'preload']) {
    expect(read(`app/vite.${part}.config.ts`)).toContain("noExternal: true, external: ['electron']");
  }
});

test('Windows knows the window, its notices and its shortcut as one app', () => {
  expect(read('app/main/main.ts')).toContain(`app.setAppUserModelId('${config.appId}')`);
});

test('Electron and electron-builder are pinned exactly, and neither is what the app depends on', () => {
  expect(devDependencies.electron).toBe('45.4.1');
  expect(scripts.dist).toMatch(
    /npx --yes electron-builder@\d+\.\d+\.\d+ --config app\/packaging\/builder\.config\.mjs/,
  );
  expect(Object.keys({ ...dependencies, ...devDependencies })).not.toContain('electron-builder');
  expect(Object.keys(dependencies)).not.toContain('electron');
});
