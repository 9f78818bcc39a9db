import type { SingleBar } from 'cli-progress';
import type { Block } from './block.js';
import type { Compute } from './compute.js';
import type { RowReader } from './rows.js';

const FRAMES_PER_SECOND = 5;
const BAR_COLUMNS = 24;
/** Updates that the time left is reckoned from: some thousand blocks of 2 MiB come in a second. */
const ETA_UPDATES = 1000;

/** How far it is: a line on standard error, redrawn, when that is a terminal; at the end one line that stays. */
export class Progress {
  private readonly begin = performance.now();
  private bar: SingleBar | null = null;
  private rows = 0;
  private bytes = 0;

  constructor(
    private readonly op: string,
    private readonly reader: RowReader,
    private readonly quiet = false,
  ) {}

  /** Shows the bar, where there is somebody to see it: others need not wait for its code. */
  async start(): Promise<void> {
    if (this.quiet || !process.stderr.isTTY) return;
    const { default: progress } = await import('cli-progress');
    const { rows = 0 } = this.reader;
    const far = rows === 0 ? '' : '{bar} {percentage} %  {eta_formatted} left  ';
    this.bar = new progress.SingleBar({
      format: `${this.op}  ${far}{value} rows  {rate}`,
      formatValue: (value, _, type) => (type === 'percentage' ? String(value).padStart(3) : grouped(value)),
      formatTime: clock,
      barsize: BAR_COLUMNS,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      fps: FRAMES_PER_SECOND,
      etaBuffer: ETA_UPDATES,
      etaAsynchronousUpdate: true,
      clearOnComplete: true,
      // A signal may end the process at any time: no state of the terminal is changed.
      linewrap: true,
    });
    // Read at each redraw, also when no rows come.
    const payload = Object.defineProperty({}, 'rate', { enumerable: true, get: () => this.rate });
    this.bar.start(rows, 0, payload);
  }

  add({ rows, runs }: Block): void {
    this.rows += rows;
    for (const run of runs) this.bytes += 4 * run.rows * run.cols;
    this.bar?.update(this.rows);
  }

  /** Takes the bar away. */
  clear(): void {
    this.bar?.stop();
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
