import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The host: core and web to one file, app/dist/host.mjs; ws and zod come from node_modules. */
export default defineConfig({
  root: here('.'),
  build: {
    ssr: here('./web/host.ts'),
    outDir: here('./dist'),
    emptyOutDir: false,
    minify: false,
    target: 'node20',
    rollupOptions: { output: { entryFileNames: 'host.mjs' } },
  },
});
