import type { Redaction } from '../../../core/event.ts';
import { Piece } from './piece.tsx';

/** A captured text in a line or a block: hidden characters drawn, and chips where the event says that something was taken out. */
export const Shown = ({ text, redactions }: { text: string; redactions: readonly Redaction[] }) => (
  <Piece text={text} rules={new Set(redactions.map(({ rule }) => rule))} />
);
