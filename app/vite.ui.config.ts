import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page: app/renderer to app/dist/ui. Nothing inline, so that the page's policy can forbid it. */
export default defineConfig({
  root: here('./renderer'),
  plugins: [react()],
  build: {
    outDir: here('./dist/ui'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
  },
});
