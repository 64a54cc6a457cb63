import { I18nProvider } from 'react-aria-components';
import s from './App.module.css';
import { Composer } from './composer/Composer.tsx';
import { cx } from './controls/cx.ts';
import { DropVeil } from './drop/DropVeil.tsx';
import { NoticeLine } from './drop/NoticeLine.tsx';
import { Gallery } from './gallery/Gallery.tsx';
import { Banner } from './header/Banner.tsx';
import { Header } from './header/Header.tsx';
import { Keys } from './keys/Keys.tsx';
import { LogDrawer } from './log/LogDrawer.tsx';
import { QueueDrawer } from './queue/QueueDrawer.tsx';
import { Recent } from './recent/Recent.tsx';
import { CancelSheet } from './stage/CancelSheet.tsx';
import { Stage } from './stage/Stage.tsx';
import { useTitle } from './stage/useTitle.ts';
import { useGallery } from './state/gallery.ts';
import { usePrefs } from './state/prefs.ts';
import { useQueue } from './state/queue.ts';

/** Words on the left, what becomes of them on the right; or, in their place, all that ever became of any. */
export function App() {
  const language = usePrefs((prefs) => prefs.language);
  const queue = useQueue((state) => state.open);
  const gallery = useGallery((album) => album.open);
  useTitle();
  return (
    <I18nProvider locale={language === 'ko' ? 'ko-KR' : 'en-US'}>
      <div className={cx(s.app)}>
        <Header />
        <Banner />
        <NoticeLine />
        <main className={cx(s.main, gallery && s.whole, queue && s.withQueue)}>
          {gallery ? (
            <Gallery />
          ) : (
            <>
              <Composer />
              <div className={cx(s.side)}>
                <Stage />
                <Recent />
                <LogDrawer />
              </div>
            </>
          )}
          {queue && <QueueDrawer />}
        </main>
        <CancelSheet />
        <Keys />
        <DropVeil />
      </div>
    </I18nProvider>
  );
}
