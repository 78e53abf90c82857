/** What flows ask of the rows of the Call Stack view. */
import type { ShownFrame } from './workbench';

type Frames = readonly ShownFrame[];

/** The walk is complete: its last row says how it ended. */
export const ended = (frames: Frames): boolean => frames.some(({ label }) => /^(FINAL|R\d+:)/.test(label));

export const place = (frame: ShownFrame | undefined) => [frame?.file, parseInt(frame?.line ?? '')];

export const stoppedAt =
  (file: string, line: number) =>
  (frames: Frames): boolean =>
    place(frames[0]).join() === `${file},${line}`;

/** Names of the functions without offsets and marks. */
export const functions = (frames: Frames): string[] => frames.map(({ label }) => label.replace(/\+0x.*/, ''));

export const withoutAddresses = (label: string): string =>
  label.replace(/\+0x\S+/, '').replace(/0x[0-9a-f]+/g, '…');
