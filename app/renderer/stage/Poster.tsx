import { cx } from '../controls/cx.ts';
import s from './Poster.module.css';

/* Three small paintings, so that an empty stage is not empty. */

export const PeakPoster = () => (
  <svg className={cx(s.poster)} viewBox="0 0 160 84" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <rect className={cx(s.sky)} width="160" height="84" />
    <circle className={cx(s.sun)} cx="118" cy="24" r="9" />
    <path className={cx(s.mist)} d="M0 50 34 20l14 13 20-22 36 40 18-16 38 34v15H0Z" />
    <path className={cx(s.peak)} d="M0 62 28 40l22 16 26-24 30 30 20-14 34 26v24H0Z" />
    <path className={cx(s.cloud)} d="M-8 58c18-9 30 3 44-3s22-6 34 1 30 2 44-2 34-3 54 4v6c-60 6-120 6-176 1Z" />
    <path className={cx(s.hill)} d="M0 74c34-12 62-8 88-3s50 1 72-7v24H0Z" />
  </svg>
);

export const LakePoster = () => (
  <svg className={cx(s.poster)} viewBox="0 0 160 84" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <rect className={cx(s.dusk)} width="160" height="84" />
    <path className={cx(s.glow)} d="M0 0h160v26H0Z" />
    <circle className={cx(s.sun)} cx="80" cy="44" r="13" />
    <path className={cx(s.plum)} d="M0 48 26 30l18 12 16-8 22 14h78v4H0Z" />
    <path className={cx(s.plum)} d="M92 48l22-20 18 12 12-7 16 13v6Z" />
    <rect className={cx(s.lake)} y="51" width="160" height="33" />
    <path className={cx(s.shine)} d="M66 57h28M60 63h40M70 69h20M62 76h36" />
  </svg>
);

export const CityPoster = () => (
  <svg className={cx(s.poster)} viewBox="0 0 160 84" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
    <rect className={cx(s.night)} width="160" height="84" />
    <path
      className={cx(s.tower)}
      d="M0 26h20v36H0ZM24 12h18v50H24ZM46 30h22v32H46ZM72 6h16v56H72ZM92 22h24v40H92ZM120 14h14v48h-14ZM138 32h22v30h-22Z"
    />
    <path className={cx(s.neon)} d="M28 18v26M76 12v18M126 20v24M52 38h10M98 30h12" />
    <path className={cx(s.cyan)} d="M36 22v16M82 20v28M144 40h10M8 34v18M98 40h12" />
    <rect className={cx(s.street)} y="62" width="160" height="22" />
    <path className={cx(s.neon, s.wet)} d="M28 66v14M76 66v10M126 66v14" />
    <path className={cx(s.cyan, s.wet)} d="M36 66v10M82 66v15M8 66v10" />
  </svg>
);
