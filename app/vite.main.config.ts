import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Electron's main process to one file with everything in it, app/dist/main/main.mjs: an installed app has no node_modules. */
export default defineConfig({
  root: here('.'),
  ssr: { noExternal: true, external: ['electron'] },
  build: {
    ssr: here('./main/main.ts'),
    outDir: here('./dist/main'),
    emptyOutDir: false,
    minify: false,
    target: 'node24',
    rollupOptions: { output: { entryFileNames: 'main.mjs' } },
  },
});
