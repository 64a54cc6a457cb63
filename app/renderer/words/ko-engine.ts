import { type Phase, phases } from '../../contract/phase.ts';
import { ko } from './ko.ts';
import type { Sentences } from './sentences.ts';

const again = '한 번 더 시도합니다.';
const look = '로그에 더 자세한 내용이 있습니다. 되풀이되면 그래픽 드라이버를 업데이트하거나 크기를 줄이세요.';
const restarts = '저절로 다시 시작합니다. 그런 다음 다시 시도하세요.';

const isPhase = (name: string | number): name is Phase => phases.some((phase) => phase === name);
/** What was being done, as the window shows it. */
const doing = (phase: string | number): string => (isPhase(phase) ? ko.phaseShort[phase] : String(phase));

/** How the engine, the sidecar and the connection to them come to an end. */
export const koEngine = {
  // The engine and its jobs.
  artifex_ended: () => ['만드는 중에 Artifex가 종료되었습니다.', again],
  artifex_ended_twice: () => [
    '만드는 중에 Artifex가 두 번 종료되었습니다.',
    '크기나 프레임을 줄여 보세요. 로그에 더 자세한 내용이 있습니다.',
  ],
  artifex_closed: () => ['만드는 중에 Artifex를 닫았습니다.', again],
  ram_full: () => ['컴퓨터의 메모리가 부족합니다.', '다른 프로그램을 닫거나, 크기나 프레임을 줄이세요.'],
  ram_too_small: (v) => [
    `메모리가 약 ${v.needed}GiB 필요한데 ${v.free}GiB만 비어 있습니다.`,
    '크기나 프레임을 줄이거나, 다른 프로그램을 닫으세요.',
  ],
  page_file_small: () => [
    '메모리가 부족합니다. Windows의 페이징 파일이 너무 작습니다.',
    '고급 시스템 설정 > 성능 > 가상 메모리에서 크기를 Windows가 관리하게 하고, 그 디스크에 공간을 남겨 두세요.',
  ],
  gpu_too_small: (v) => [
    `GPU 메모리가 약 ${v.needed}GiB 필요한데 ${v.free}GiB만 비어 있습니다.`,
    '크기나 프레임을 줄이거나, GPU를 쓰는 다른 프로그램을 닫으세요.',
  ],
  gpu_full: () => ['GPU 메모리가 부족합니다.', '크기나 프레임을 줄이거나, GPU를 쓰는 다른 프로그램을 닫으세요.'],
  gpu_error: () => [
    '그래픽 카드가 오류로 멈췄습니다.',
    '드라이버를 업데이트하고 오버클럭을 푸세요. 되풀이되면 컴퓨터를 다시 시작하세요.',
  ],
  gpu_not_built_for: () => [
    '설치된 PyTorch가 이 그래픽 카드를 지원하지 않습니다.',
    '.venv 폴더를 지운 뒤 실행하세요: npm run setup',
  ],
  disk_full: () => ['디스크가 가득 찼습니다.', '공간을 비운 뒤 다시 시도하세요.'],
  data_disk_full: (v) => [`데이터 폴더의 디스크가 가득 찼습니다: ${v.path}`, '공간을 비운 뒤 다시 시도하세요.'],
  package_missing: (v) => [
    `Python 패키지를 불러올 수 없습니다: ${v.package}`,
    '.venv 폴더를 지우고 실행하세요: npm run setup',
  ],
  library_unloadable: () => [
    'PyTorch에 필요한 라이브러리를 Windows가 불러오지 못합니다.',
    'Microsoft Visual C++ 재배포 가능 패키지(x64)를 설치한 뒤 Artifex를 다시 시작하세요.',
  ],
  internal: () => ['앱 안에서 문제가 생겼습니다.', '다시 시도하세요. 되풀이되면 보고서를 복사해 알려 주세요.'],
  engine_not_started: () => ['엔진을 시작할 수 없습니다.', '.venv 폴더를 지우고 실행하세요: npm run setup'],
  engine_ended: () => ['엔진이 저절로 종료되었습니다.', look],
  engine_exit_code: (v) => [`엔진이 종료되었습니다. 종료 코드: ${v.exit_code}`, look],
  engine_signal: (v) => [`엔진이 멈췄습니다. 신호: ${v.signal}`, look],
  engine_killed: () => [
    '엔진이 밖에서 종료되었습니다.',
    '직접 끝낸 것이 아니면, 메모리가 부족해서 시스템이 끝냈을 수 있습니다. 다른 프로그램을 닫으세요.',
  ],
  engine_access_violation: () => ['엔진이 메모리 접근 오류로 멈췄습니다.', look],
  engine_stack_overrun: () => ['엔진이 스택 오류로 멈췄습니다.', look],
  engine_silent: (v) => [`엔진이 ${v.seconds}초 동안 응답하지 않았습니다. 하던 일: ${doing(v.phase)}`, look],
  engine_silent_at_start: (v) => [`엔진이 시작하는 데 ${v.seconds}초 넘게 걸립니다.`, look],
  engine_silent_idle: (v) => [`쉬고 있던 엔진이 ${v.seconds}초 동안 응답하지 않았습니다.`, look],
  engine_stuck: (v) => [`엔진이 ${v.minutes}분 동안 나아가지 못했습니다. 하던 일: ${doing(v.phase)}`, look],

  // Core, the hosts and the page.
  sidecar_exit: (v) => [`백그라운드 프로세스가 멈췄습니다. 종료 코드: ${v.code}`, restarts],
  sidecar_signal: (v) => [
    `백그라운드 프로세스가 밖에서 종료되었습니다. 신호: ${v.signal}`,
    `${restarts} 직접 끝낸 것이 아니면 메모리가 부족했을 수 있습니다.`,
  ],
  sidecar_not_started: (v) => [
    `백그라운드 프로세스를 시작하지 못했습니다: ${v.path} (${v.reason})`,
    '다른 프로그램을 닫은 뒤 다시 시작하세요.',
  ],
  sidecar_silent: (v) => [`백그라운드 프로세스가 ${v.seconds}초 동안 아무 말이 없습니다.`, `끝내고 나서 ${restarts}`],
  sidecar_given_up: () => ['백그라운드 프로세스가 멈춰 있습니다.', '“다시 시작”을 누르세요.'],
  sidecar_starting: () => ['백그라운드 프로세스가 아직 시작하는 중입니다.', '잠시 뒤 다시 시도하세요.'],
  python_missing: (v) => [`Python을 시작하지 못했습니다: ${v.path} (${v.reason})`, '실행하세요: npm run setup'],
  unanswered: (v) => [`백그라운드 프로세스가 ${v.seconds}초 동안 답하지 않았습니다. (${v.op})`, '다시 시도하세요.'],
  unreadable: (v) => [`백그라운드 프로세스의 답을 읽지 못했습니다. (${v.op})`, '로그에 더 자세한 내용이 있습니다.'],
  other_protocol: (v) => [
    `앱과 백그라운드 프로세스의 버전이 다릅니다. 프로토콜: ${v.ours}, ${v.theirs}`,
    '실행하세요: npm run setup',
  ],
  unknown_method: (v) => [`이 버전에 없는 기능입니다: ${v.method}`, 'Artifex를 다시 시작하세요.'],
  app_mistake: () => ['앱 안에서 문제가 생겼습니다.', '로그에 더 자세한 내용이 있습니다.'],
  connection_lost: () => ['Artifex와 연결이 끊겼습니다.', '저절로 다시 연결됩니다.'],
} satisfies Partial<Sentences>;
