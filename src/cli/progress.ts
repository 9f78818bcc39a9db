import type { Block } from './block.js';
import type { Compute } from './compute.js';
import type { RowReader } from './format.js';

const REDRAW_MS = 200;
const BAR_COLUMNS = 24;
const CLEAR_LINE = '\r\x1b[K';

/** How far it is: a line on standard error, redrawn, when that is a terminal; at the end one line that stays. */
export class Progress {
  private readonly begin = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;
  private rows = 0;
  private bytes = 0;

  constructor(
    private readonly op: string,
    private readonly reader: RowReader,
    private readonly quiet: boolean,
  ) {
    if (!quiet && process.stderr.isTTY) this.timer = setInterval(() => this.draw(), REDRAW_MS);
  }

  add({ rows, runs }: Block): void {
    this.rows += rows;
    for (const run of runs) this.bytes += 4 * run.rows * run.cols;
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    process.stderr.write(CLEAR_LINE);
  }

  finish({ tier, threads }: Compute): void {
    this.clear();
    if (this.quiet) return;
    const { op, rows, reader } = this;
    const of = reader.cols === null ? '' : ` of ${grouped(reader.cols)}`;
    process.stderr.write(
      `${op}: ${grouped(rows)} rows${of} in ${this.seconds.toFixed(2)} s, ${this.rate}, ` +
        `tier ${tier}, ${threads} thread${threads === 1 ? '' : 's'}\n`,
    );
  }

  private get seconds(): number {
    return (performance.now() - this.begin) / 1000;
  }

  /** Of logits, as f32. */
  private get rate(): string {
    return `${(this.bytes / 1e9 / this.seconds).toFixed(2)} GB/s`;
  }

  private draw(): void {
    const { rows, reader } = this;
    const what = `${grouped(rows)} rows  ${this.rate}`;
    const line = reader.rows === null || reader.rows === 0 ? what : `${this.bar(rows / reader.rows)}  ${what}`;
    // A terminal that does not know its width says 0.
    const columns = process.stderr.columns || 80;
    process.stderr.write(CLEAR_LINE + `${this.op}  ${line}`.slice(0, columns - 1));
  }

  private bar(done: number): string {
    const full = Math.round(done * BAR_COLUMNS);
    const left = done === 0 ? Infinity : (this.seconds / done) * (1 - done);
    const bar = '█'.repeat(full) + '░'.repeat(BAR_COLUMNS - full);
    return `${bar} ${`${Math.floor(100 * done)}`.padStart(3)} %  ${clock(left)} left`;
  }
}

/** `1,234,567`. The first Intl.NumberFormat of a process takes 10 ms, a tenth of a short run. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-:--';
  const [h, m, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor) as [number, number, number];
  const tail = String(s).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`;
}
