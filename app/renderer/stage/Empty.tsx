import { Button } from 'react-aria-components';
import { cx } from '../controls/cx.ts';
import { edit } from '../state/form.ts';
import { useWords } from '../words/words.ts';
import s from './Empty.module.css';
import { CityPoster, LakePoster, PeakPoster } from './Poster.tsx';

/** In the language the prompt is written in: what the model reads is not what the page speaks. */
const examples = [
  { prompt: 'A serene mountain landscape with flowing clouds', lang: 'en', Poster: PeakPoster },
  { prompt: 'A cinematic sunset over a mountain lake', lang: 'en', Poster: LakePoster },
  { prompt: '네온사인이 빛나는 밤의 도시, 비에 젖은 거리', lang: 'ko', Poster: CityPoster },
] as const;

/** Before the first video: what this is, and three ways to begin. */
export function Empty() {
  const words = useWords().stage;
  return (
    <div className={cx(s.empty)}>
      <h2 className={cx(s.head)}>{words.emptyHead}</h2>
      <p className={cx(s.body)}>{words.emptyBody}</p>
      <ul className={cx(s.examples)}>
        {examples.map(({ prompt, lang, Poster }) => (
          <li key={prompt}>
            <Button
              className={cx(s.example)}
              onPress={() => {
                edit({ prompt });
                document.querySelector<HTMLElement>('[data-field="prompt"] textarea')?.focus();
              }}
            >
              <Poster />
              <span lang={lang}>{prompt}</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
