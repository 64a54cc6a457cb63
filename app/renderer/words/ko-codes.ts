import type { Code } from '../../contract/failure.ts';

/** What can be said of every code: what happened, and what to do. For what has no sentence of its own. */
export const koCodes: { readonly [C in Code]: readonly [message: string, hint: string] } = {
  BAD_LINE: ['요청을 읽지 못했습니다.', '다시 시도하세요.'],
  BAD_REQUEST: ['이 값으로는 만들 수 없습니다.', '값을 고친 뒤 다시 시도하세요.'],
  UNKNOWN_OP: ['이 버전에 없는 기능입니다.', 'Artifex를 다시 시작하세요.'],
  UNKNOWN_JOB: ['그런 작업이 없습니다.', '목록에서 다른 작업을 고르세요.'],
  UNKNOWN_MEDIA: ['그런 그림이나 비디오가 없습니다.', '파일이 옮겨졌거나 지워졌는지 확인하세요.'],
  MODEL_MISSING: ['모델을 찾을 수 없습니다.', '모델 폴더를 다시 고르세요.'],
  MODEL_CORRUPT: ['모델 파일이 손상되었습니다.', '모델을 다시 내려받으세요.'],
  INPUT_BAD_IMAGE: ['그림으로 쓸 수 없는 파일입니다.', 'PNG, JPEG, WebP 그림을 고르세요.'],
  INPUT_BAD_VIDEO: ['설정을 읽을 수 없는 비디오입니다.', 'Artifex로 만든 mp4를 고르세요.'],
  OUTPUT_DENIED: ['이 위치에 쓸 수 없습니다.', '쓰기 권한을 확인하거나 다른 폴더를 고르세요.'],
  DISK_FULL: ['디스크가 가득 찼습니다.', '공간을 비운 뒤 다시 시도하세요.'],
  DOWNLOAD_FAILED: ['내려받지 못했습니다.', '연결을 확인한 뒤 다시 시도하세요. 받은 것은 그대로 있습니다.'],
  VRAM_OOM: ['GPU 메모리가 부족합니다.', '크기나 프레임을 줄이거나, GPU를 쓰는 다른 프로그램을 닫으세요.'],
  RAM_OOM: ['컴퓨터의 메모리가 부족합니다.', '다른 프로그램을 닫거나, 크기나 프레임을 줄이세요.'],
  ENGINE_CRASHED: ['엔진이 멈췄습니다.', '다시 시도하세요. 되풀이되면 진단을 열어 보세요.'],
  ENGINE_HUNG: ['엔진이 응답하지 않습니다.', '다시 시도하세요. 되풀이되면 진단을 열어 보세요.'],
  TORCH_CPU_ONLY: ['그래픽 카드가 있지만 PyTorch는 CPU용입니다.', 'npm run setup -- --repair를 실행하세요.'],
  DRIVER_OLD: ['그래픽 드라이버가 오래되었습니다.', 'NVIDIA 드라이버를 업데이트하세요.'],
  GPU_UNSUPPORTED: ['이 그래픽 카드는 지원되지 않습니다.', '기본 모델은 CPU로도 만들 수 있습니다.'],
  PYTHON_MISSING: ['Python을 시작할 수 없습니다.', 'npm run setup을 실행하세요.'],
  CANCELLED: ['취소되었습니다.', ''],
  PROTOCOL: ['Artifex와 연결이 고르지 않습니다.', '잠시 뒤 다시 시도하세요.'],
  BUSY: ['다른 Artifex가 이 데이터 폴더를 쓰고 있습니다.', '열려 있는 Artifex를 닫고 다시 시도하세요.'],
  INTERNAL: ['앱 안에서 문제가 생겼습니다.', '다시 시도하세요. 되풀이되면 보고서를 복사해 알려 주세요.'],
};
