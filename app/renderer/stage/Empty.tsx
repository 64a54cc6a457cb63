import { Button } from 'react-aria-components';
import { begin } from '../composer/begin.ts';
import { cx } from '../controls/cx.ts';
import { Greeting } from '../greeting/Greeting.tsx';
import { usePrefs } from '../state/prefs.ts';
import { useWords } from '../words/words.ts';
import s from './Empty.module.css';
import { CityPoster, LakePoster, PeakPoster } from './Poster.tsx';

const posters = [
  { scene: 'peak', Poster: PeakPoster },
  { scene: 'lake', Poster: LakePoster },
  { scene: 'city', Poster: CityPoster },
] as const;

/** Before the first video: what this is, and three ways to begin. */
export function Empty() {
  const { stage: words, examples } = useWords();
  const greeted = usePrefs((prefs) => prefs.greeted);
  return (
    <div className={cx(s.empty)}>
      <h2 className={cx(s.head)}>{words.emptyHead}</h2>
      {greeted ? <p className={cx(s.body)}>{words.emptyBody}</p> : <Greeting />}
      <ul className={cx(s.examples)}>
        {posters.map(({ scene, Poster }) => (
          <li key={scene}>
            <Button className={cx(s.example)} onPress={() => begin(examples.posters[scene].prompt)}>
              <Poster />
              <span>{examples.posters[scene].prompt}</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
