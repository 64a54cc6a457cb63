import { I18nProvider } from 'react-aria-components';
import s from './App.module.css';
import { Composer } from './composer/Composer.tsx';
import { cx } from './controls/cx.ts';
import { DropVeil } from './drop/DropVeil.tsx';
import { NoticeLine } from './drop/NoticeLine.tsx';
import { Banner } from './header/Banner.tsx';
import { Header } from './header/Header.tsx';
import { LogDrawer } from './log/LogDrawer.tsx';
import { QueueDrawer } from './queue/QueueDrawer.tsx';
import { Recent } from './recent/Recent.tsx';
import { CancelSheet } from './stage/CancelSheet.tsx';
import { Stage } from './stage/Stage.tsx';
import { usePrefs } from './state/prefs.ts';
import { useQueue } from './state/queue.ts';

/** The one screen: words on the left, what becomes of them on the right. */
export function App() {
  const language = usePrefs((prefs) => prefs.language);
  const queue = useQueue((state) => state.open);
  return (
    <I18nProvider locale={language === 'ko' ? 'ko-KR' : 'en-US'}>
      <div className={cx(s.app)}>
        <Header />
        <Banner />
        <NoticeLine />
        <main className={cx(s.main, queue && s.withQueue)}>
          <Composer />
          <div className={cx(s.side)}>
            <Stage />
            <Recent />
            <LogDrawer />
          </div>
          {queue && <QueueDrawer />}
        </main>
        <CancelSheet />
        <DropVeil />
      </div>
    </I18nProvider>
  );
}
