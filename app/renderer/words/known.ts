/*
 * What a prompt for the shipped model is about, if it is about anything of its world: its places, things and skies, in
 * both languages. Hours and colours say nothing of that: a cat at night is still a cat. A dash says where a longer word
 * may go on; without one, only an ending may follow.
 */
const KNOWN = [
  'landscape-, scenery, countryside, prairie-, pasture-, -풍경-, -경치-, -시골-, 벌판-, -평원-, -목초지-',
  'mountain-, alp, alpine, peak, cliff-, valley-, 산, 산속-, 산등성이-, 설산-, -바위산-, -산맥-, -봉우리-, -산꼭대기-',
  '-알프스-, -골짜기-, -계곡-',
  'hill, hilly, hillside-, meadow-, grass-, field, -언덕-, -초원-, -들판-, -풀밭-',
  'lake-, pond, water, -호수-, -호숫-, -연못-',
  'sea, seaside, seashore, seascape-, ocean-, wave, beach-, shore-, coast, coastline, harbor-, harbour-',
  '-바다-, -바닷-, 대양, -망망대해-, -해변-, -해안-, -파도-, -수평선-, -항구-',
  'forest-, woods, woodland-, jungle-, pine, tree, 숲, 숲속-, -소나무-, 솔숲-, 침엽수-, -정글-, 나무',
  'desert, dune, sand, sandy, sahara, -사막-, -모래-, -사하라-',
  'city, cities, cityscape-, megacity, metropolis, town, downtown, skyline-, skyscraper-, building, street, alley-',
  'tokyo, seoul, new york, neon, cyberpunk, umbrella-, -도시-, -도심-, 시내, -번화가-, -빌딩-, -건물-, 거리, 골목-',
  '-도쿄-, -서울-, -뉴욕-, -네온-, -사이버펑크-, -야경-, -우산-',
  'snow-, blizzard-, ice, icy, frozen, arctic, antarctic-, tundra, -설원-, -눈밭-, -빙판-, -얼음-, -북극-, -툰드라-',
  '-눈보라-, -함박눈-, -눈송이-, 눈발-, 눈 내-, 눈이 내-, 눈 오-, 눈이 오-, 눈이 쏟-, 눈 덮-, 눈으로 덮-',
  'balloon-, boat, sailboat-, ship, yacht-, train, locomotive, bird, gull, seagull, geese',
  'flying car, flying vehicle, hover car, hovering car',
  '-열기구-, -풍선-, 배, -돛단배-, -범선-, -보트-, -요트-, -기차-, -열차-, -기관차-, 새, -철새-, -갈매기-, 기러기-, 제비',
  '비행 자동차-, 나는 자동차-, 날아다니는 자동차-, 날아다니는 차',
  'sky, skies, cloud-, fog, foggy, mist, misty, haze, hazy, rain, rainy, raining, rainstorm-, rainbow-, drizzle-',
  'downpour, storm, stormy, -하늘-, -구름-, -안개-, 비, 빗속-, 빗줄기-, 비바람-, 장맛비-, 이슬비-, 소나기-, -폭우-, -폭풍-',
  '-무지개-',
  'sun, sunset-, sunrise-, moon, moonlight, moonlit, star, starry, starlight, aurora-, northern light',
  '-노을-, 석양-, 일출-, 일몰-, 해돋이-, 해 질-, 해 뜰-, 달, 달빛-, 달밤-, -보름달-, -초승달-, 별, 별빛-, -은하수-, -오로라-',
];

const ENDING = '(?:s|이|가|은|는|을|를|의|에|에서|과|와|도|들[가-힣]*)?';

/** Letters alone, with one space around every word. */
const plain = (prompt: string): string =>
  ` ${prompt
    .normalize('NFC')
    .toLowerCase()
    .replace(/\P{L}+/gu, ' ')
    .trim()} `;

const pattern = (word: string): string =>
  (word.startsWith('-') ? '' : ' ') + word.replace(/^-|-$/g, '') + (word.endsWith('-') ? '' : `${ENDING} `);

const known = new RegExp(KNOWN.flatMap((line) => line.split(', ').map(pattern)).join('|'));

/** Whether a prompt, in either language, has words, and none of them is of the shipped model's world. */
export function isFar(prompt: string): boolean {
  const words = plain(prompt);
  return words.trim() !== '' && !known.test(words);
}
