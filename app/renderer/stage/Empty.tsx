import { Button } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { edit } from '../state/form.ts';
import { useWords } from '../words/words.ts';
import s from './Empty.module.css';
import { CityPoster, LakePoster, PeakPoster } from './Poster.tsx';

const examples = [
  { scene: 'peak', Poster: PeakPoster },
  { scene: 'lake', Poster: LakePoster },
  { scene: 'city', Poster: CityPoster },
] as const;

/** Before the first video: what this is, and three ways to begin. */
export function Empty() {
  const words = useWords().stage;
  return (
    <div className={cx(s.empty)}>
      <h2 className={cx(s.head)}>{words.emptyHead}</h2>
      <p className={cx(s.body)}>{words.emptyBody}</p>
      <ul className={cx(s.examples)}>
        {examples.map(({ scene, Poster }) => (
          <li key={scene}>
            <Button
              className={cx(s.example)}
              onPress={() => {
                edit({ prompt: words[scene] });
                document.querySelector<HTMLElement>('[data-field="prompt"] textarea')?.focus();
              }}
            >
              <Poster />
              <span>{words[scene]}</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
