import type { Sentences } from './sentences.ts';

const anew = '.venv 폴더를 지운 뒤 실행하세요: npm run setup';
const newest = '컴퓨터를 다시 시작하세요. 그대로면 최신 드라이버를 설치하세요: https://www.nvidia.com/drivers';
const memory = '설정 > 시스템 > 정보 > 고급 시스템 설정 > 성능 > 가상 메모리';

/** What the doctor finds. */
export const koDoctor = {
  python_found: (v) => [`Python ${v.version}, ${v.system}`, ''],
  python_unfit: (v) => [
    `Python ${v.version}: Artifex에서 시험하지 않은 버전입니다.`,
    `Python ${v.low}~${v.high} 버전을 설치하고, ${anew}`,
  ],
  node_found: (v) => [`Node ${v.version}`, ''],
  node_old: (v) => [
    `Node ${v.version}: 너무 오래되었습니다. 필요한 버전: ${v.least} 이상`,
    'LTS 버전을 설치하세요: https://nodejs.org',
  ],
  torch_waiting: () => ['아직 모릅니다. 엔진이 시작하는 중입니다.', '잠시 뒤 다시 검사하세요.'],
  torch_broken: () => ['PyTorch를 쓸 수 없습니다.', '실행하세요: npm run setup'],
  torch_old: (v) => [`PyTorch ${v.version}: 너무 오래되었습니다. 필요한 버전: ${v.least} 이상`, anew],
  torch_cpu_only: (v) => [
    `PyTorch ${v.version}: CPU용이라 그래픽 카드를 쓰지 않습니다(TORCH_CPU_ONLY). 그래픽 카드: ${v.card}`,
    '실행하세요: npm run setup -- --repair (몇 GB를 내려받습니다)',
  ],
  torch_found_cpu: (v) => [`PyTorch ${v.version}, CPU용`, ''],
  torch_found_cuda: (v) => [`PyTorch ${v.version}, CUDA ${v.cuda}`, ''],
  gpu_none: () => [
    'NVIDIA 그래픽 카드를 찾지 못했습니다. CPU로 비디오를 만듭니다.',
    '앱에 포함된 모델은 CPU로도 잘 만들지만, 실제 모델은 몇 시간이 걸립니다. NVIDIA 카드가 있다면 드라이버(https://www.nvidia.com/drivers)를 설치하고 실행하세요: npm run setup -- --repair',
  ],
  gpu_unsupported: (v) => [
    `이 PyTorch가 지원하지 않는 카드입니다(GPU_UNSUPPORTED): ${v.name}, 컴퓨팅 능력 ${v.capability}`,
    `컴퓨팅 능력이 ${v.least} 이상이면 ${anew}. 더 오래된 카드는 쓸 수 없습니다.`,
  ],
  gpu_fault: (v) => [`그래픽 카드에서 간단한 계산이 실패했습니다: ${v.name}`, newest],
  gpu_unreachable: (v) => [
    `PyTorch가 그래픽 카드에 닿지 못합니다: ${v.name}`,
    `CUDA_VISIBLE_DEVICES가 정해져 있으면 지우세요. ${newest}`,
  ],
  gpu_found_several: (v) => [
    `${v.name}, 컴퓨팅 능력 ${v.capability}. 카드 ${v.count}개 가운데 하나를 씁니다.`,
    '다른 카드는 0부터 센 번호로 고릅니다: CUDA_VISIBLE_DEVICES=1',
  ],
  gpu_found: (v) => [`${v.name}, 컴퓨팅 능력 ${v.capability}`, ''],
  driver_complaint: () => ['nvidia-smi가 드라이버와 통신하지 못합니다.', newest],
  driver_silent: (v) => [
    `nvidia-smi가 ${v.seconds}초 동안 답하지 않았습니다.`,
    '다시 검사하세요. 그대로면 컴퓨터를 다시 시작하세요.',
  ],
  driver_found: (v) => [`드라이버 ${v.version}`, ''],
  driver_found_for: (v) => [`드라이버 ${v.version}. PyTorch의 CUDA ${v.cuda}: ${v.least} 이상이면 됩니다.`, ''],
  driver_old: (v) => [
    `드라이버 ${v.version}: 너무 오래되었습니다(DRIVER_OLD). ${v.name}에 필요한 버전: ${v.least} 이상`,
    '드라이버를 업데이트하고(https://www.nvidia.com/drivers) 컴퓨터를 다시 시작하세요.',
  ],
  driver_old_for: (v) => [
    `드라이버 ${v.version}: 너무 오래되었습니다(DRIVER_OLD). PyTorch의 CUDA ${v.cuda}에 필요한 버전: ${v.least} 이상`,
    '드라이버를 업데이트하고(https://www.nvidia.com/drivers) 컴퓨터를 다시 시작하세요.',
  ],
  gpu_memory_taken: (v) => [
    `전체 ${v.total_gib} GiB, 쓸 수 있는 것 ${v.free_gib} GiB. 다른 프로그램이 ${v.taken_gib} GiB를 쓰고 있습니다.`,
    '게임, 브라우저, 다른 AI 프로그램을 닫은 뒤 Artifex를 다시 시작하세요.',
  ],
  gpu_memory_found: (v) => [`전체 ${v.total_gib} GiB, 쓸 수 있는 것 ${v.free_gib} GiB`, ''],
  gpu_memory_small: (v) => [
    `전체 ${v.total_gib} GiB, 쓸 수 있는 것 ${v.free_gib} GiB`,
    `앱에 포함된 모델에는 넉넉합니다. Wan2.2-TI2V-5B에는 ${v.needed_gb} GB 이상의 카드나 더 작은 비디오가 필요합니다.`,
  ],
  dtype_fp16_refused: (v) => [
    `${v.dtype}. 그래픽 카드가 없어서 WAN_FORCE_FP16=1을 따를 수 없습니다.`,
    '그대로 두어도 괜찮습니다. 이 줄을 없애려면 그 설정 없이 시작하세요.',
  ],
  dtype_cpu: (v) => [`${v.dtype}, CPU에서 계산`, ''],
  dtype_no_bf16: (v) => [`${v.dtype}. 이 카드에는 bf16이 없습니다.`, ''],
  dtype_fp16_advised: (v) => [
    `${v.dtype}. RTX 30 시리즈에는 FP16을 권하지만, 둘 다 됩니다.`,
    'start_optimized.bat으로 시작하거나 WAN_FORCE_FP16=1을 정하세요.',
  ],
  dtype_bf16_advised: (v) => [
    `${v.dtype}, WAN_FORCE_FP16=1에 따름. 이 카드에는 BF16을 권하지만, 둘 다 됩니다.`,
    'BF16을 쓰려면 WAN_FORCE_FP16 없이 시작하세요.',
  ],
  dtype_found: (v) => [`${v.dtype}, 이 카드에 권하는 것`, ''],
  compile_no_triton: () => [
    'Triton이 없어서 WAN_COMPILE=1을 따를 수 없습니다.',
    '그것 없이 더 느리게 만듭니다. Windows용 PyTorch에는 Triton이 들어 있지 않습니다.',
  ],
  compile_no_compiler: () => [
    'C++ 컴파일러가 없어서 WAN_COMPILE=1을 따를 수 없습니다.',
    '그것 없이 더 느리게 만듭니다. 이 줄을 없애려면 그 설정 없이 시작하세요.',
  ],
  compile_ready: () => ['WAN_COMPILE=1에 따라 켜져 있습니다. 첫 비디오는 몇 분 더 걸립니다.', ''],
  attention_cpu: () => ['PyTorch의 CPU용 커널, 메모리를 아껴 씁니다.', ''],
  attention_plain: () => [
    '이 카드에는 PyTorch SDPA의 빠른 커널이 없어서, 느리고 메모리를 더 씁니다.',
    '크기와 프레임을 줄이세요.',
  ],
  attention_flash: () => ['PyTorch에 들어 있는 Flash Attention: 빠르고 메모리를 아껴 씁니다.', ''],
  attention_cudnn: () => ['PyTorch에 들어 있는 NVIDIA cuDNN 커널: 빠르고 메모리를 아껴 씁니다.', ''],
  attention_efficient: () => ['PyTorch의 메모리 절약 커널: 메모리를 아껴 쓰고, Flash Attention보다 조금 느립니다.', ''],
  self_test_right: (v) => [
    `텍스트, 움직임, 화면 부분이 이 장치에서 공식 수치와 같습니다(가장 큰 오차 ${v.largest}).`,
    `차례대로: ${v.errors}`,
  ],
  self_test_right_rounded: (v) => [
    `텍스트, 움직임, 화면 부분이 이 장치에서 공식 수치와 같습니다(가장 큰 오차 ${v.largest}).`,
    `차례대로: ${v.errors}. 비디오를 만들 때처럼 ${v.dtype} 정밀도로 반올림하면: ${v.rounded}`,
  ],
  self_test_wrong_fp16: () => [
    '이 장치의 계산 결과가 공식 수치와 다릅니다.',
    'WAN_FORCE_FP16=1 없이, 곧 start_optimized.bat이 아닌 방법으로 시작하세요.',
  ],
  self_test_wrong_cpu: () => [
    '이 장치의 계산 결과가 공식 수치와 다릅니다.',
    `메모리를 포함한 오버클럭을 풀고 컴퓨터를 다시 시작하세요. 그대로면 ${anew}`,
  ],
  self_test_wrong_gpu: () => [
    '이 장치의 계산 결과가 공식 수치와 다릅니다.',
    '오버클럭을 풀고, 최신 드라이버(https://www.nvidia.com/drivers)를 설치하고, 컴퓨터를 다시 시작하세요. 그때까지는 CPU로 만들 수 있습니다. 이 설정으로 시작하세요: CUDA_VISIBLE_DEVICES=-1',
  ],
  self_test_busy: () => ['비디오를 만드는 중이라 검사하지 않았습니다.', '끝난 뒤 다시 검사하세요.'],
  self_test_silent: (v) => [
    `계산 검사가 ${v.seconds}초 안에 끝나지 않았습니다.`,
    '다른 프로그램을 닫고 다시 검사하세요. 그대로면 컴퓨터를 다시 시작하세요.',
  ],
  memory_unknown: () => ['시스템이 메모리의 크기를 알려 주지 않습니다.', ''],
  memory_low: (v) => [
    `${v.total_gib} GiB 가운데 ${v.free_gib} GiB만 남았습니다.`,
    '비디오를 만들기 전에 다른 프로그램을 닫으세요.',
  ],
  memory_found: (v) => [`${v.total_gib} GiB 가운데 ${v.free_gib} GiB 남음`, ''],
  page_file_small_fixed: (v) => [
    `Windows의 페이징 파일이 ${v.size_gib} GiB에서 커지지 않습니다. 메모리가 ${v.total_gib} GiB일 때 큰 모델에는 ${v.needed_gib} GiB 이상이 필요하며, 모자라면 불러오다가 오류 1455가 날 수 있습니다(os error 1455).`,
    `${memory} > 변경에서 “모든 드라이브에 대한 페이징 파일 크기 자동 관리”를 켜고 컴퓨터를 다시 시작하세요.`,
  ],
  page_file_used: (v) => [
    `메모리와 페이징 파일을 합쳐 ${v.left_gib} GiB 남았습니다.`,
    `다른 프로그램을 닫거나 페이징 파일을 늘리세요: ${memory}`,
  ],
  page_file_found: (v) => [`${v.size_gib} GiB`, ''],
  page_file_found_managed: (v) => [`${v.size_gib} GiB. 필요하면 Windows가 늘립니다.`, ''],
  swap_strict: (v) => [
    `Linux가 실제 크기보다 많이 약속하지 않아서(vm.overcommit_memory=${v.mode}) ${v.left_gib} GiB만 더 요청할 수 있습니다. 큰 모델이나 CUDA를 시작하지 못할 수 있습니다.`,
    '관리자 권한으로 sysctl에서 값을 바꾸세요: vm.overcommit_memory=0',
  ],
  swap_found: (v) => [
    `${v.size_gib} GiB. 프로그램이 실제 크기보다 많이 요청할 수 있습니다(vm.overcommit_memory=${v.mode}).`,
    '',
  ],
  swap_found_strict: (v) => [
    `${v.size_gib} GiB. 프로그램이 실제 크기보다 많이 요청할 수 없습니다(vm.overcommit_memory=${v.mode}).`,
    '',
  ],
  folder_writable: (v) => [`${v.path}`, ''],
  folder_full: (v) => [`디스크가 가득 찼습니다: ${v.path}`, '공간을 비우거나 다른 폴더를 고르세요.'],
  folder_low: (v) => [`디스크에 ${v.free_gib} GiB만 남았습니다: ${v.path}`, '공간을 비우세요.'],
  folder_found: (v) => [`${v.path}, ${v.free_gib} GiB 남음`, ''],
  ffmpeg_missing: () => ['ffmpeg를 찾지 못했습니다.', `IMAGEIO_FFMPEG_EXE가 정해져 있으면 지우세요. 아니면 ${anew}`],
  ffmpeg_silent: () => [
    'ffmpeg가 있지만 시작되지 않습니다.',
    `백신 프로그램에서 허용하세요. IMAGEIO_FFMPEG_EXE가 정해져 있으면 지우세요. 그대로면 ${anew}`,
  ],
  ffmpeg_no_x264: (v) => [
    `H.264를 쓸 수 없는 ffmpeg입니다(libx264가 없음): ${v.version}`,
    `IMAGEIO_FFMPEG_EXE가 정해져 있으면 지우세요. 아니면 ${anew}`,
  ],
  ffmpeg_found: (v) => [String(v.version).replace('ffmpeg version', 'ffmpeg'), ''],
  model_ready: () => ['쓸 수 있습니다.', ''],
  model_shipped_broken: () => [
    '앱에 포함된 모델이 손상되었습니다.',
    '다시 받으세요: git checkout -- models/wan-mini. 또는 Artifex를 새로 내려받으세요.',
  ],
} satisfies Partial<Sentences>;
