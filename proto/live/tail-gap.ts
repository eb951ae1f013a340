/** What the first frame of a tail that goes on may lack: see `FrameHead`. */
export const TAIL_GAPS = ['forgotten', 'restarted'] as const;
export type TailGap = (typeof TAIL_GAPS)[number];
