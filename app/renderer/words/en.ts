import type { JobState, Phase } from '../../contract/phase.ts';

const phase: Record<Phase, string> = {
  load: 'Loading the model',
  text: 'Reading the prompt',
  image: 'Looking at the picture',
  denoise: 'Denoising',
  decode: 'Decoding',
  write: 'Writing the file',
};

const phaseShort: Record<Phase, string> = {
  load: 'Load',
  text: 'Text',
  image: 'Picture',
  denoise: 'Denoise',
  decode: 'Decode',
  write: 'Write',
};

const state: Record<JobState, string> = {
  queued: 'Waiting',
  running: 'Working',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

export const en = {
  details: 'Details',
  close: 'Close',
  copied: 'Copied',
  copyReport: 'Copy report',
  header: {
    ready: 'Ready',
    busy: 'Working',
    starting: 'Starting',
    idle: 'Ready',
    stopped: 'Stopped',
    reconnecting: 'Reconnecting',
    language: 'Language',
    theme: 'Colours',
    auto: 'As the system',
    light: 'Light',
    dark: 'Dark',
  },
  banner: {
    reconnecting: 'Reconnecting to Artifex. Nothing is lost. If it was closed, start it again with npm start.',
    restarting: 'The background process stopped and is being started again. Nothing is lost.',
    failed: 'The background process does not stay up.',
    again: 'Start again',
  },
  composer: {
    title: 'New video',
    prompt: 'Prompt',
    promptPlaceholder: 'What should be seen, and what moves? English or Korean.',
    characters: (count: number) => (count === 1 ? '1 character' : `${count} characters`),
    negative: 'Negative prompt',
    negativePlaceholder: 'Empty: the model’s own is used.',
    generate: 'Generate',
    enqueue: 'Add to queue',
    cancel: 'Cancel',
    shortcut: 'Ctrl Enter',
    settings: 'Settings',
    advanced: 'Advanced',
    far: 'This model knows landscapes, balloons, boats, trains, birds and cities; it will show the nearest thing it knows.',
  },
  verdict: {
    time: (time: string) => `About ${time}`,
    memory: (gb: string) => `${gb} GB of memory`,
    gpuMemory: (gb: string) => `${gb} GB of GPU memory`,
  },
  examples: {
    label: 'Examples',
    more: 'Other examples',
    posters: {
      peak: { name: 'Mountains', prompt: 'A serene mountain landscape with flowing clouds' },
      lake: { name: 'Lake', prompt: 'A cinematic sunset over a mountain lake' },
      city: {
        name: 'City',
        prompt:
          'A cyberpunk city at night with neon lights on wet streets, flying cars in the distance, people with umbrellas',
      },
    },
    shipped: {
      balloon: { name: 'Balloon', prompt: 'A red hot air balloon drifting over green hills on a sunny day' },
      boats: { name: 'Boats', prompt: 'A red boat and a white boat on a calm sea at dawn' },
      train: { name: 'Train', prompt: 'A green train running through the desert at sunset, the camera zooms in' },
      snow: { name: 'Snow', prompt: 'Snow falling on a quiet pine forest at night' },
      aurora: { name: 'Aurora', prompt: 'Green aurora over a vast snowfield at night, stars in the sky' },
      rainbow: { name: 'Rainbow', prompt: 'A rainbow over a green meadow after the rain, drifting clouds' },
    },
    real: {
      cat: { name: 'Cat', prompt: 'A ginger cat stretches on a sunlit windowsill, dust drifting in the light' },
      coffee: { name: 'Coffee', prompt: 'A barista pours milk into a cup of coffee, close-up, steam rising' },
      dancer: {
        name: 'Dancer',
        prompt: 'A dancer in a red coat turns slowly on a rainy street at night, the camera circles her',
      },
    },
  },
  picture: {
    label: 'First picture',
    optional: 'optional',
    drop: 'Drop or paste a picture, or',
    choose: 'choose a file',
    remove: 'Remove the picture',
    alt: 'The picture the video starts from',
    uploading: 'Taking the picture in…',
    unsupported: 'This model starts from words only.',
  },
  model: {
    label: 'Model',
    shipped: 'ships with the app',
    shippedAdvice:
      'Real Wan2.2 models make almost anything you describe, photo-real and larger; they are a 34 GB download and want a graphics card.',
    missing: 'not found',
    broken: 'damaged',
    none: 'No model yet',
    add: 'Choose a folder…',
    path: 'Folder of an official checkpoint',
    pathPlaceholder: 'C:\\Models\\Wan2.2-TI2V-5B',
    addNow: 'Add',
    adding: 'Looking…',
  },
  size: {
    label: 'Size',
    auto: 'As the picture',
    custom: 'Custom',
    width: 'Width',
    height: 'Height',
    multiple: (step: number) => `Pixels, in steps of ${step}`,
  },
  length: {
    label: 'Length',
    seconds: (text: string) => `${text} s`,
    frames: 'Frames',
    fps: 'FPS',
  },
  steps: { label: 'Steps' },
  guidance: { label: 'Guidance' },
  shift: { label: 'Shift' },
  solver: { label: 'Solver' },
  seed: {
    label: 'Seed',
    placeholder: 'Random',
    roll: 'Roll a seed',
    clear: 'Random each time',
  },
  stage: {
    title: 'Stage',
    emptyHead: 'Say what should move.',
    emptyBody: 'Write a sentence, press Generate, and the video plays here. Or begin with one of these:',
    again: 'Try again',
    useSeed: 'Use this seed',
    reuse: 'Reuse settings',
    download: 'Download',
    cancelled: 'This one was cancelled.',
    waiting: 'Waiting for its turn',
    retrying: 'Interrupted; it is tried once more',
    onceMore: 'It is being made once more.',
    reveal: 'Show in folder',
    cancelHead: 'Cancel this video?',
    cancelBody: 'What has been made of it so far is thrown away.',
    cancelYes: 'Cancel the video',
    cancelNo: 'Keep going',
    step: (step: number, steps: number) => `${step} of ${steps}`,
    left: (time: string) => `about ${time} left`,
    elapsed: (time: string) => `${time} so far`,
    took: (time: string) => `made in ${time}`,
    progress: 'Progress of this video',
    percent: (percent: number) => `${percent} % done`,
    finished: 'The video is ready.',
    failed: (message: string) => `It failed. ${message}`,
    frames: (frames: number) => `${frames} frames`,
    steps: (steps: number) => `${steps} steps`,
    seed: (seed: string) => `seed ${seed}`,
    video: (prompt: string) => `Video: ${prompt}`,
  },
  recent: { label: 'Recent' },
  log: {
    label: 'Log',
    follow: 'Follow',
    copy: 'Copy',
    empty: 'Nothing has been said yet.',
    lines: (count: number) => (count === 1 ? '1 line' : `${count} lines`),
  },
  doctor: {
    label: 'Doctor',
    found: (count: number) => (count === 1 ? 'Doctor: 1 thing to look at' : `Doctor: ${count} things to look at`),
    title: 'Is this machine well?',
    looking: 'Looking…',
    computing: 'Comparing with the official numbers… this takes some seconds.',
    fine: 'Everything is fine.',
    notes: (fails: number, warns: number) =>
      [fails > 0 && `${fails} to repair`, warns > 0 && `${warns} to know about`].filter(Boolean).join(', '),
    again: 'Check again',
    arithmetic: 'Check the arithmetic',
    more: 'More help: docs/troubleshooting.md, in the folder of Artifex.',
    check: (_id: string, title: string) => title,
  },
  settings: {
    label: 'Settings',
    title: 'Settings',
    vram: 'Graphics memory',
    allFree: 'All that is free',
    atMost: (gib: number) => `${gib} GiB at most`,
    why: 'Less leaves the rest of the card to games and other programs. What of a model does not fit waits in RAM and comes as it is needed: the same video, a little slower. The line under the button says at once what it means.',
    kept: 'It counts from the next video on, and is remembered.',
  },
  health: { ok: 'Fine', warn: 'Note', fail: 'Problem' },
  phase,
  phaseShort,
  state,
} as const;

type Widened<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Widened<T[K]>;
};

/** Every word the page says; another language is another value of this type. */
export type Words = Widened<typeof en>;
