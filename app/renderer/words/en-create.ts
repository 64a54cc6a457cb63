/** What the form says of its settings. */
export const create = {
  preset: { label: 'Quality', draft: 'Draft', standard: 'Standard', best: 'Best', custom: 'Custom values' },
  size: { pixels: 'Pixels', exact: (width: number, height: number) => `${width} × ${height}` },
  count: {
    label: 'Videos',
    generate: (count: number) => `Make ${count} videos`,
    enqueue: (count: number) => `Add ${count} to queue`,
    each: 'each',
  },
  history: {
    label: 'Earlier prompts',
    search: 'Search the earlier prompts',
    empty: 'Nothing has been asked for yet.',
    none: 'None of them has these words.',
    keys: 'Enter takes one. In the prompt, Alt ↑ and Alt ↓ bring them back one after the other.',
  },
  negative: {
    empty: 'Empty: what stands below is used.',
    nothing: 'Empty: nothing is avoided.',
    own: 'Used when this is empty',
    official:
      'In Chinese, as the model learned it: garish or overexposed pictures, stillness, blur, subtitles, paintings, grey, low quality, deformed hands, faces and limbs, cluttered backgrounds, crowds, walking backwards.',
  },
  seed: { keep: (seed: string) => `Keep the last: ${seed}` },
  crop: {
    whole: 'The model sees all of it.',
    cut: (percent: number) => `The model sees the bright part. ${percent} % is cut away.`,
  },
  about: (label: string) => `What is this? ${label}`,
  help: {
    negative_prompt: 'What you do not want to see. The video is steered away from it.',
    model: 'What makes the video. Another model knows another world, makes other sizes and takes another time.',
    preset:
      'Draft shows in a quarter of the time or less whether the idea works: smaller, shorter and rougher. Standard is what the model was made for. Best takes half as long again, for the last details.',
    size: 'The shape and the sharpness of the picture. Twice as many pixels take more than twice the time.',
    frames:
      'How many pictures the video has. More make it longer, and it takes longer. The model makes 1, 5, 9, 13 and so on.',
    fps: 'How many pictures pass in a second. More make the same movement faster and the video shorter.',
    steps:
      'How often the picture is worked over. Few leave it blurred or odd; each one more takes as long as the one before and changes less.',
    guidance:
      'How closely the video follows the words. Low is calm and free; high is literal, then harsh in its colours.',
    shift: 'Where the work is spent. High goes to layout and movement, low to fine details.',
    solver:
      'The method of calculation. Of the same seed another one makes a slightly different video; none is better in every case.',
    seed: 'The chance the video begins with. Empty: another video each time. A number stays, and makes the same video again.',
    count:
      'How many videos of these words are made, 1 to 8. Each begins with another chance: the seed, the next one, and so on.',
  },
} as const;
