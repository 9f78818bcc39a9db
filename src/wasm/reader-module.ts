/** The exports of assembly/reader (docs/abi.md). Steps are bytes from a line to the next; y may be x. */
export interface Reader {
  /** Half floats to float32, and back. */
  halvesIn(kind: number, x: number, xStep: number, y: number, yStep: number, lines: number, n: number): void;
  halvesOut(kind: number, x: number, xStep: number, y: number, yStep: number, lines: number, n: number): void;
  /** `absent` where the mask says so: a byte an element, or packed bits. */
  maskBytes: MaskLines;
  maskBits: MaskLines;
  /** `absent` outside [starts, ends), and which blocks of 32 columns are in, where `spans` is not 0. */
  maskSpans(
    starts: number,
    ends: number,
    spans: number,
    x: number,
    xStep: number,
    y: number,
    yStep: number,
    lines: number,
    n: number,
    absent: number,
  ): void;
  /** Takes the blocks at the ends of spans away that hold nothing but -Infinity; not 0: there were some. */
  trimSpans(x: number, xStep: number, lines: number, spans: number): number;
  /** y = the transposed matrix of x, f32[m, n]. */
  turn(x: number, xStep: number, m: number, n: number, y: number, yStep: number): void;
}

export type MaskLines = (
  mask: number,
  maskStep: number,
  x: number,
  xStep: number,
  y: number,
  yStep: number,
  lines: number,
  n: number,
  absent: number,
) => void;

/** How halvesIn and halvesOut call them. */
export const HALF_KINDS = { float16: 1, bfloat16: 2 } as const;
