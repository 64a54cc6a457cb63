import { Download, FolderOpen, RotateCcw, SkipBack, SkipForward, Sprout } from 'lucide-react';
import type { Job } from '../../contract/job.ts';
import { bridge } from '../bridge/bridge.ts';
import { Button } from '../controls/Button.tsx';
import { cx } from '../controls/cx.ts';
import { edit, refuse } from '../state/form.ts';
import { clock } from '../words/clock.ts';
import { useWords } from '../words/words.ts';
import { startFrom } from './frame.ts';
import s from './Player.module.css';
import { reuse } from './reuse.ts';

/** The finished video, what made it, and what to do with it next. */
export function Player({ job }: { job: Job }) {
  const words = useWords();
  const { request, output } = job;
  if (output === null) return null;
  const address = bridge.mediaUrl(output);
  const facts = [
    `${request.width}×${request.height}`,
    words.length.seconds((request.frames / request.fps).toFixed(1)),
    words.stage.frames(request.frames),
    `${request.fps} ${words.length.fps}`,
    words.stage.steps(request.steps),
    words.stage.seed(request.seed),
    ...(job.elapsed_s !== null ? [words.stage.took(clock(job.elapsed_s, words))] : []),
  ];
  return (
    <div className={cx(s.player)}>
      <video
        className={cx(s.video)}
        src={address}
        aria-label={words.stage.video(request.prompt)}
        controls
        loop
        muted
        autoPlay
        playsInline
      />
      <div className={cx(s.about)}>
        <div className={cx(s.words)}>
          <p className={cx(s.prompt)}>{request.prompt}</p>
          <ul className={cx(s.facts)}>
            {facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </div>
        <div className={cx(s.actions)}>
          <Button onStage onPress={() => edit({ seed: request.seed })}>
            <Sprout size={16} aria-hidden="true" />
            {words.stage.useSeed}
          </Button>
          <Button onStage onPress={() => reuse(job)}>
            <RotateCcw size={15} aria-hidden="true" />
            {words.stage.reuse}
          </Button>
          <Button onStage onPress={() => startFrom(job, 0)}>
            <SkipBack size={15} aria-hidden="true" />
            {words.stage.firstFrame}
          </Button>
          <Button onStage onPress={() => startFrom(job, request.frames - 1)}>
            <SkipForward size={15} aria-hidden="true" />
            {words.stage.lastFrame}
          </Button>
          {bridge.reveal && (
            <Button onStage onPress={() => void bridge.reveal?.(output).catch(refuse)}>
              <FolderOpen size={16} aria-hidden="true" />
              {words.stage.reveal}
            </Button>
          )}
          <a className={cx(s.download)} href={address} download={`artifex-${request.seed}.mp4`}>
            <Download size={16} aria-hidden="true" />
            {words.stage.download}
          </a>
        </div>
      </div>
    </div>
  );
}
