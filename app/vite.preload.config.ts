import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The preload to one CommonJS file, app/dist/main/preload.cjs: a sandboxed one can be nothing else. */
export default defineConfig({
  root: here('.'),
  ssr: { noExternal: true, external: ['electron'] },
  build: {
    ssr: here('./preload/preload.ts'),
    outDir: here('./dist/main'),
    emptyOutDir: false,
    minify: false,
    target: 'node24',
    rollupOptions: { output: { format: 'cjs', entryFileNames: 'preload.cjs' } },
  },
});
