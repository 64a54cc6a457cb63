import { Type } from 'lucide-react';
import type { Job } from '../../contract/job.ts';
import { bridge } from '../bridge/bridge.ts';
import { cx } from '../controls/cx.ts';
import s from './Row.module.css';

/** The picture that a job starts from, or a sign that it starts from words. */
export const Thumb = ({ job: { request } }: { job: Job }) => (
  <span className={cx(s.thumb)}>
    {request.image === null ? (
      <Type size={17} aria-hidden="true" />
    ) : (
      <img src={bridge.mediaUrl(request.image)} alt="" draggable={false} />
    )}
  </span>
);
