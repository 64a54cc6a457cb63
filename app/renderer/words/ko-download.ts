import type { Sentences } from './sentences.ts';

const mirror = '취소하고 다른 미러 주소를 써 보세요.';

/** What stands in the way of getting, verifying and removing a model. */
export const koDownload = {
  unknown_offer: (v) => [`내려받을 수 없는 모델입니다: ${v.model}`, `내려받을 수 있는 모델: ${v.known}`],
  hub_address: (v) => ['쓸 수 없는 주소입니다.', `https://로 시작하는 주소를 쓰세요. 예: ${v.usual}`],
  hub_incomplete: (v) => [`필요한 파일이 서버에 없습니다: ${v.repo} (${v.host})`, mirror],
  hub_unreadable: (v) => [
    `서버의 답을 이해할 수 없습니다: ${v.host}`,
    '미러 주소를 확인하세요. 먼저 로그인해야 하는 네트워크일 수도 있습니다.',
  ],
  hub_certificate: (v) => [
    `서버의 인증서를 믿을 수 없습니다: ${v.host}`,
    '컴퓨터의 시계와, 암호화된 연결을 들여다보는 프로그램을 확인하세요.',
  ],
  hub_forbidden: (v) => [
    `이 서버는 누구에게나 모델을 주지 않습니다: ${v.host} (${v.status})`,
    '다른 미러를 쓰거나, 브라우저로 내려받아 폴더를 추가하세요.',
  ],
  hub_missing: (v) => [
    `모델이나 파일이 서버에 없습니다: ${v.host}`,
    '미러 주소를 확인하거나, 취소하고 새로 시작하세요.',
  ],
  hub_status: (v) => [`서버가 거절했습니다: ${v.host} (${v.status})`, '나중에 다시 시도하거나 다른 미러를 쓰세요.'],
  hub_leads_astray: () => ['서버가 암호화되지 않은 주소로 보냅니다.', mirror],
  hub_unreachable: (v) => [
    `서버에 연결할 수 없습니다: ${v.host}`,
    '인터넷 연결을 확인하고 계속하세요. 받은 것은 그대로 있습니다. 취소하고 미러를 쓸 수도 있습니다.',
  ],
  download_room: (v) => [
    `디스크에 ${v.needed}GiB 필요한데 ${v.free}GiB만 비어 있습니다.`,
    '공간을 비우고 계속하거나, 취소하고 다른 드라이브의 폴더를 고르세요.',
  ],
  download_wrong: (v) => [`받은 내용이 서버의 기록과 두 번 달랐습니다: ${v.file}`, `다시 시도하거나, ${mirror}`],
  download_taken: (v) => [
    `Artifex가 만들지 않은 폴더가 이미 있습니다: ${v.path}`,
    '다른 폴더를 고르세요. 모델이 들어 있다면 그 폴더를 추가하세요.',
  ],
  download_busy: (v) => [`아직 끝나지 않은 일이 있습니다: ${v.name}`, '기다리거나 먼저 취소하세요.'],
  download_damaged: (v) => [`손상된 파일: ${v.file} (모두 ${v.count}개)`, '계속을 누르면 손상된 파일만 다시 받습니다.'],
  no_download: () => ['진행 중인 내려받기가 없습니다.', '모델 목록을 보세요. 이미 끝났을 수 있습니다.'],
  folder_is_link: (v) => [
    `다른 폴더를 가리키는 링크입니다: ${v.path}`,
    '링크 대신 폴더를 두거나, 다른 폴더를 고르세요.',
  ],
  model_shipped: (v) => [`앱에 포함된 모델이라 지울 수 없습니다: ${v.name}`, '다른 모델은 지울 수 있습니다.'],
  model_configured: (v) => [
    `ARTIFEX_MODELS에 정한 폴더의 모델입니다: ${v.name}`,
    'ARTIFEX_MODELS에서 그 폴더를 빼고 Artifex를 다시 시작하세요.',
  ],
  model_in_use: (v) => [`쓰이고 있는 모델입니다: ${v.name}`, '이 모델의 작업을 기다리거나 먼저 취소하세요.'],
  model_not_ours: (v) => [
    `Artifex가 내려받은 모델이 아니라서 파일을 지우지 않습니다: ${v.name}`,
    '목록에서만 빼고, 폴더는 직접 지우세요.',
  ],
} satisfies Partial<Sentences>;
