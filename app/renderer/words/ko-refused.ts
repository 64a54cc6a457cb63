import { ko } from './ko.ts';
import type { Sentences } from './sentences.ts';

type Value = string | number;

const count = (value: Value): string => (typeof value === 'number' ? value.toLocaleString('ko-KR') : value);
const mib = (bytes: Value): string => (typeof bytes === 'number' ? `${count(Math.round(bytes / 2 ** 20))} MiB` : bytes);

const fields: Readonly<Record<string, string>> = {
  prompt: ko.composer.prompt,
  negative_prompt: ko.composer.negative,
  image: ko.picture.label,
  model: ko.model.label,
  path: ko.model.path,
  width: ko.size.width,
  height: ko.size.height,
  frames: ko.length.frames,
  fps: ko.length.fps,
  steps: ko.steps.label,
  guidance: ko.guidance.label,
  shift: ko.shift.label,
  solver: ko.solver.label,
  seed: ko.seed.label,
  count: ko.create.count.label,
};
/** A field by its name in the form: `guidance[1]` and `$.request.guidance` are the guidance, too. */
const field = (name: Value): string => fields[String(name).replace(/^\$\.(request\.)?|[.[].*$/g, '')] ?? String(name);

const again = '모델을 다시 내려받으세요.';
const together = '서로 맞는 파일을 함께 내려받으세요.';
const official = '공식 Wan2.2-TI2V-5B 폴더를 고르세요.';
const usual = 'PNG, JPEG, WebP 그림을 고르세요.';
const draw = '비워 두면 무작위로 정해집니다.';
const elsewhere = '다른 폴더를 고르거나, 이 폴더에 쓰기를 허용하세요.';

/** What cannot be made, and what is wrong with pictures, models, paths and folders. */
export const koRefused = {
  // A request that cannot be made.
  line_too_long: (v) => ['요청이 너무 깁니다.', `최대 ${count(v.most)}바이트입니다.`],
  line_unreadable: () => ['요청을 읽지 못했습니다.', '다시 시도하세요.'],
  unknown_op: () => ['이 버전에 없는 기능입니다.', 'Artifex를 다시 시작하세요.'],
  not_retriable: () => ['실패하거나 취소된 작업이 아닙니다.', '한 번 더 만들려면 새 작업으로 요청하세요.'],
  nothing_made: () => ['비디오를 만들지 않은 작업입니다.', '완성된 뒤에 다시 시도하세요.'],
  not_waiting: () => [
    '이미 시작했거나 끝나서, 대기 중인 작업이 아닙니다.',
    '이 설정으로 만들려면 새 작업으로 요청하세요.',
  ],
  unknown_job: () => ['그런 작업이 없습니다.', '목록에서 다른 작업을 고르세요.'],
  field_missing: (v) => [`값이 없습니다: ${field(v.name)}`, '채운 뒤 다시 시도하세요.'],
  field_unknown: (v) => [`알 수 없는 항목: ${field(v.name)}`, '빼고 다시 시도하세요.'],
  wrong_kind: (v) => [`맞지 않는 값: ${field(v.name)}`, '고친 뒤 다시 시도하세요.'],
  no_such_choice: (v) => [`고를 수 없는 값: ${field(v.name)}`, `고를 수 있는 값: ${v.choices}`],
  text_empty: (v) => [`비어 있습니다: ${field(v.name)}`, '채운 뒤 다시 시도하세요.'],
  text_too_long: (v) => [`너무 깁니다: ${field(v.name)}`, `최대 ${count(v.most)}자입니다.`],
  too_small: (v) => [`너무 작습니다: ${field(v.name)}`, `${count(v.low)} 이상으로 정하세요.`],
  too_large: (v) => [`너무 큽니다: ${field(v.name)}`, `${count(v.high)} 이하로 정하세요.`],
  prompt_empty: () => ['프롬프트가 비어 있습니다.', '비디오에 무엇이 보일지 쓰세요.'],
  words_alone: (v) => [`글에서만 시작하는 모델입니다: ${v.model}`, '그림을 빼거나, 그림을 받는 모델을 고르세요.'],
  picture_too_thin: (v) => [
    `그림이 너무 길고 가늡니다: ${v.width}×${v.height}`,
    `너비와 높이를 정하면 그에 맞게 잘립니다. 예: ${v.own_width}×${v.own_height}`,
  ],
  side_missing: (v) => [
    '너비와 높이 가운데 하나만 있습니다.',
    `둘 다 쓰거나 둘 다 비우세요. 비우면 ${v.width}×${v.height}입니다.`,
  ],
  side_step: (v) => [
    `${field(v.name)}: ${v.given}. ${v.low}~${v.high} 픽셀, ${v.multiple}의 배수여야 합니다.`,
    `가장 가까운 값: ${v.nearest}`,
  ],
  frames_most: (v) => [`프레임: ${v.given}. ${v.model} 모델은 최대 ${v.most}입니다.`, `${v.most} 이하로 정하세요.`],
  frames_step: (v) => [
    `프레임: ${v.given}. ${v.step}의 배수에 1을 더한 수여야 합니다.`,
    `가장 가까운 값: ${v.low}, ${v.high}`,
  ],
  one_guidance: (v) => [`가이던스를 하나만 받는 모델입니다: ${v.model}`, '수를 하나만 쓰세요.'],
  guidance_range: (v) => [
    `가이던스: ${v.given}. ${v.low}~${v.high} 사이여야 합니다.`,
    '1이면 가이던스를 쓰지 않고, 보통은 3~6입니다.',
  ],
  seed_digits: (v) => [`시드: ${v.given}. 정수여야 합니다.`, draw],
  seed_last: (v) => [`이 시드로는 그만큼 만들 수 없습니다. 시드는 ${v.high}까지입니다.`, draw],
  seed_range: (v) => [`시드: ${v.given}. 0~${v.high} 사이여야 합니다.`, draw],
  unknown_model: (v) => [`그런 모델이 없습니다: ${v.model}`, `고를 수 있는 모델: ${v.known}`],
  bad_parameter: (v) => [`맞지 않는 값: ${field(v.field)}`, '고친 뒤 다시 시도하세요.'],
  not_a_number: () => ['숫자가 아닙니다.', '숫자를 쓰거나, 비워서 모델의 기본값을 쓰세요.'],

  // Pictures, models, paths and folders.
  unknown_media: () => ['그런 그림이나 비디오가 없습니다.', '다시 고르세요.'],
  media_gone: (v) => [`파일이 없습니다: ${v.file}`, '옮겨졌거나 지워졌습니다.'],
  not_incoming: () => ['이 위치의 파일은 받을 수 없습니다.', '그림을 다시 고르세요.'],
  no_picture: () => ['그림 파일이 없습니다.', '다시 고르세요.'],
  picture_denied: () => ['그림을 읽을 권한이 없습니다.', '읽기를 허용하거나 다른 그림을 고르세요.'],
  picture_unreadable: () => ['그림을 읽지 못했습니다.', usual],
  not_a_picture: () => ['그림 파일이 아닙니다.', usual],
  picture_damaged: () => ['그림 파일이 손상되었습니다.', usual],
  picture_too_heavy: (v) => [`그림 파일이 너무 큽니다. 최대 ${v.most} MiB입니다.`, '더 작은 그림을 고르세요.'],
  picture_too_large: (v) => [`그림이 너무 큽니다. 최대 ${count(v.most)}픽셀입니다.`, '먼저 그림을 줄이세요.'],
  picture_too_thin_for: (v) => [
    `그림(${v.width}×${v.height})이 너무 길고 가늡니다. 비디오 크기: ${v.to_width}×${v.to_height}`,
    '비디오가 시작될 부분만 잘라서 쓰세요.',
  ],
  first_picture_gone: () => ['비디오가 시작된 그림이 여기에 없습니다.', '그림을 다시 넣으세요(--image).'],
  no_video: () => ['비디오 파일이 없습니다.', '다시 고르세요.'],
  video_unreadable: () => ['비디오를 읽지 못했습니다.', '읽기를 허용하거나 다른 사본을 고르세요.'],
  not_a_video: () => ['mp4 비디오가 아닙니다.', 'Artifex로 만든 mp4를 고르세요.'],
  video_torn: () => ['비디오 파일이 온전하지 않습니다.', '다른 사본을 고르세요.'],
  no_receipt: () => [
    'Artifex의 설정이 들어 있지 않은 비디오입니다.',
    'Artifex가 저장한 mp4를 그대로 고르세요. 다른 프로그램에서 다시 저장하면 설정이 빠집니다.',
  ],
  receipt_unreadable: () => [
    '이 비디오의 설정을 읽지 못했습니다.',
    '더 새로운 Artifex로 만들었을 수 있습니다. 업데이트하세요.',
  ],
  not_droppable: (v) => [`그림도 비디오도 아닙니다: ${v.file}`, '그림이나, Artifex로 만든 mp4를 넣으세요.'],
  upload_too_large: (v) => [`파일이 너무 큽니다. 최대 ${v.mib} MiB입니다.`, '더 작은 그림을 고르세요.'],
  no_model_folder: (v) => [`폴더가 없습니다: ${v.folder}`, '모델이 들어 있는 폴더를 고르세요.'],
  no_model_in_folder: (v) => [
    `모델이 없는 폴더입니다(config.json이 없음): ${v.folder}`,
    'config.json과 .safetensors 파일이 있는 폴더를 고르세요. 예: Wan2.2-TI2V-5B',
  ],
  model_folder_denied: (v) => [`폴더를 읽을 수 없습니다: ${v.folder}`, '읽기를 허용하세요.'],
  diffusers_layout: (v) => [`diffusers 형식은 아직 읽지 못합니다: ${v.folder}`, official],
  a14b_model: (v) => [`A14B 모델은 아직 쓸 수 없습니다: ${v.folder}`, official],
  other_kind: (v) => [`이 종류의 모델은 아직 쓸 수 없습니다: ${v.folder} (${v.kind})`, official],
  not_wan: (v) => [`Wan 모델이 아닙니다: ${v.folder}`, '다른 폴더를 고르세요.'],
  config_lacks: (v) => [`config.json에 빠진 항목이 있습니다: ${v.key} (${v.folder})`, again],
  config_differs: (v) => [
    `config.json이 가중치와 다릅니다: ${v.folder} (적힌 값 ${v.stated}, 실제 값 ${v.found})`,
    '가중치와 함께 받은 config.json을 쓰세요.',
  ],
  index_empty: (v) => [`목록 파일이 비어 있습니다: ${v.file}`, again],
  index_outside: (v) => [`목록 파일이 폴더 밖을 가리킵니다: ${v.file} (${v.given})`, '이 모델을 쓰지 마세요.'],
  file_missing: (v) => [`파일이 없습니다: ${v.file} (${v.folder})`, '같은 폴더에 내려받으세요.'],
  file_torn: (v) => [`파일이 손상되었습니다: ${v.file}`, again],
  file_short: (v) => [`파일이 덜 받아졌습니다: ${v.file} (${mib(v.bytes)} / ${mib(v.whole)})`, again],
  model_file_unreadable: (v) => [`파일을 읽을 수 없습니다: ${v.file}`, again],
  not_tensors: (v) => [`가중치 파일이 아닙니다: ${v.file}`, again],
  tensor_extra: (v) => [`이 모델에 없는 텐서가 있습니다: ${v.tensor} (${v.file})`, together],
  tensor_shape: (v) => [`텐서의 모양이 다릅니다: ${v.tensor} (${v.file}, ${v.given} → ${v.right})`, together],
  tensor_lacking: (v) => [`텐서가 없습니다: ${v.tensor} (${v.file})`, again],
  tensors_lacking: (v) => [`텐서 ${count(v.count)}개가 없습니다: ${v.tensor} 등 (${v.file})`, again],
  text_encoder_lacks: (v) => [`텍스트 인코더에 텐서가 없습니다: ${v.tensor}`, again],
  text_encoder_differs: (v) => [`텍스트 인코더에서 맞지 않는 텐서: ${count(v.count)}개`, again],
  tokenizer_missing: (v) => [`토크나이저가 없습니다(tokenizer.json 또는 spiece.model): ${v.folder}`, again],
  tokenizer_unreadable: (v) => [`토크나이저 파일을 읽을 수 없습니다: ${v.file}`, again],
  tokenizer_larger: (v) => [
    `토크나이저(${count(v.tokens)}개)가 텍스트 인코더(${count(v.vocabulary)}개)보다 큽니다.`,
    '텍스트 인코더와 함께 받은 토크나이저를 쓰세요.',
  ],
  path_empty: () => ['경로가 비어 있습니다.', '폴더의 전체 경로를 쓰세요.'],
  path_relative: () => ['전체 경로가 아닙니다.', '드라이브나 “/”부터 쓰세요.'],
  path_control: () => ['경로에 제어 문자가 있습니다.', '이름을 바꾼 뒤 다시 시도하세요.'],
  path_not_text: () => ['경로를 글자로 읽을 수 없습니다.', '이름을 바꾼 뒤 다시 시도하세요.'],
  path_network: () => ['네트워크와 장치 경로는 쓸 수 없습니다.', '이 컴퓨터의 드라이브에 있는 폴더를 고르세요.'],
  path_stream: () => ['경로에 콜론(:)이 있습니다.', '콜론을 빼세요.'],
  path_character: () => ['Windows에서 쓸 수 없는 글자가 경로에 있습니다.', '< > " | ? * 글자를 빼세요.'],
  path_device: (v) => [`장치의 이름입니다: ${v.name}`, '다른 이름을 고르세요.'],
  path_dot: (v) => [`이름이 점이나 빈칸으로 끝납니다: “${v.name}”`, 'Windows가 지우는 글자입니다. 이름을 바꾸세요.'],
  path_too_long: (v) => [
    `이름이나 경로가 너무 깁니다: ${count(v.given)}바이트, 최대 ${count(v.most)}바이트`,
    '더 짧은 이름을 고르세요. 한글 한 글자는 3바이트입니다.',
  ],
  not_mp4: (v) => [`이름이 .mp4로 끝나지 않습니다: ${v.file}`, `이렇게 바꾸세요: ${v.better}`],
  name_taken: (v) => [`이미 쓰인 이름입니다: ${v.file}`, '다른 이름을 고르세요.'],
  name_unusable: (v) => [`쓸 수 없는 이름입니다: ${v.file}`, '더 짧은 이름이나 다른 폴더를 고르세요.'],
  video_stays: (v) => [`파일을 옮길 수 없습니다: ${v.file}`, '파일을 연 프로그램을 닫고 다시 시도하세요.'],
  file_denied: (v) => [
    `파일을 쓸 수 없습니다: ${v.file} (${v.path})`,
    '쓰기를 허용하거나, 파일을 연 프로그램을 닫으세요.',
  ],
  disk_full_for: (v) => [`디스크가 가득 찼습니다: ${v.file} (${v.path})`, '공간을 비우거나 다른 폴더를 고르세요.'],
  folder_gone: (v) => [`폴더가 없습니다: ${v.path}`, '폴더를 만들거나 다른 폴더를 고르세요.'],
  folder_denied: (v) => [`폴더에 쓸 수 없습니다: ${v.path}`, elsewhere],
  folder_control: (v) => [
    `폴더 이름에 쓸 수 없는 문자가 있습니다: ${v.path}`,
    'ARTIFEX_HOME, ARTIFEX_VIDEOS를 다른 폴더로 바꾸세요.',
  ],
  data_folder_unusable: (v) => [
    `데이터 폴더를 쓸 수 없습니다: ${v.path}`,
    '쓰기를 허용하거나, ARTIFEX_HOME에 다른 폴더를 정하세요.',
  ],
  data_folder_gone: (v) => [`데이터 폴더가 없어졌습니다: ${v.path}`, '되돌려 놓은 뒤 Artifex를 다시 시작하세요.'],
  data_folder_in_use: (v) => [
    `다른 Artifex가 데이터 폴더를 쓰고 있습니다: ${v.path}`,
    '그것을 닫거나, ARTIFEX_HOME에 다른 폴더를 정하세요.',
  ],
  data_folder_in_use_by: (v) => [
    `다른 Artifex가 데이터 폴더를 쓰고 있습니다: ${v.path} (프로세스 ${v.pid}, ${v.since}부터)`,
    '그것을 닫거나, ARTIFEX_HOME에 다른 폴더를 정하세요.',
  ],
  database_unreadable: (v) => [
    `데이터베이스를 읽을 수 없습니다: ${v.path}`,
    '그 파일을 다른 곳으로 옮기고 다시 시작하세요. 비디오는 그대로 있습니다.',
  ],
  database_too_new: (v) => [
    `더 새로운 Artifex가 쓴 데이터베이스입니다: ${v.path}`,
    '이 Artifex를 업데이트하거나, ARTIFEX_HOME에 다른 폴더를 정하세요.',
  ],
} satisfies Partial<Sentences>;
