// What `npm run dist` packs with electron-builder: an installer for one person, without an administrator, and an
// AppImage. It is built on the system it is for; nothing is published, and signing takes the builder's own certificate.
/** @type {Record<string, unknown>} */
export default {
  appId: 'app.artifex.desktop',
  productName: 'Artifex',
  directories: { output: 'out/dist', buildResources: 'app/packaging' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder fills these in
  artifactName: 'Artifex-${version}-${os}-${arch}.${ext}',

  // Main, preload and page are bundled whole, so no module travels with them.
  files: ['package.json', 'app/dist/main/**', 'app/dist/ui/**', '!node_modules/**'],
  npmRebuild: false,
  electronLanguages: ['en-US', 'ko'],

  // What Python runs cannot lie in an archive. Python and its packages are made at the first start.
  extraResources: [
    { from: 'sidecar', to: 'engine/sidecar', filter: ['**/*.py'] },
    { from: 'wan_core', to: 'engine/wan_core', filter: ['**/*.py', 'golden/*.safetensors'] },
    { from: 'models/wan-mini', to: 'engine/models/wan-mini' },
    { from: 'pyproject.toml', to: 'engine/pyproject.toml' },
    { from: 'requirements.lock', to: 'engine/requirements.lock' },
  ],

  // The program runs our archive, whole and unchanged, and nothing else.
  asar: true,
  disableAsarIntegrity: false,
  electronFuses: {
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    enableCookieEncryption: true,
    grantFileProtocolExtraPrivileges: false,
  },

  win: { target: ['nsis'], requestedExecutionLevel: 'asInvoker', verifyUpdateCodeSignature: true },
  nsis: {
    oneClick: true,
    perMachine: false,
    allowElevation: false,
    packElevateHelper: false,
    deleteAppDataOnUninstall: false,
  },

  linux: { target: ['AppImage'], category: 'AudioVideo', executableName: 'artifex' },
  toolsets: { appimage: '1.0.3' }, // older ones want libfuse2, which systems no longer bring

  publish: null,
};
