import { existsSync, readFileSync } from 'node:fs';
import { Records } from '../../src/decide/records.js';
import { logOf } from '../../src/decide/exp-log.js';

/** The raw module of decisions, over a memory of its own. */

interface Decide {
  SCRATCH_BYTES: WebAssembly.Global;
  CALL_SCRATCH: WebAssembly.Global;
  argmax(call: number): void;
  topK(call: number): void;
  sample(call: number): void;
  filterLogits(call: number): void;
}

const CALL = 1024;
const SCRATCH = 2048;
const PARAMETERS = 48;
const OPERANDS = 112;

export interface Parameters {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
}

export class RawDecide {
  private readonly memory = new WebAssembly.Memory({ initial: 64 });
  private readonly kernels: Decide;
  private end = 0;

  constructor() {
    const path = new URL('../../dist/wasm/decide.wasm', import.meta.url);
    if (!existsSync(path)) throw new Error('dist/wasm/decide.wasm is missing: npm run build makes it');
    const module = new WebAssembly.Module(readFileSync(path));
    this.kernels = new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports as unknown as Decide;
  }

  private alloc(bytes: number): number {
    const at = this.end;
    this.end = Math.ceil((at + bytes) / 16) * 16;
    const short = this.end - this.memory.buffer.byteLength;
    if (short > 0) this.memory.grow(Math.ceil(short / 65536));
    return at;
  }

  private begin(x: Float32Array, cols: number, parameters: number[]): number {
    this.end = SCRATCH + (this.kernels.SCRATCH_BYTES.value as number);
    const at = this.alloc(x.byteLength);
    new Float32Array(this.memory.buffer, at, x.length).set(x);
    const ints = new Int32Array(this.memory.buffer, CALL, 64);
    ints.fill(0);
    ints[0] = x.length / cols;
    ints[1] = cols;
    ints[(this.kernels.CALL_SCRATCH.value as number) / 4] = SCRATCH;
    new Float64Array(this.memory.buffer, CALL + PARAMETERS, 8).set(parameters);
    // What a kernel leaves out of its scratch must not matter.
    new Uint8Array(this.memory.buffer, SCRATCH, this.kernels.SCRATCH_BYTES.value as number).fill(0xa5);
    return at;
  }

  private point(pointers: number[]): void {
    new Int32Array(this.memory.buffer, CALL + OPERANDS, 8).set(pointers);
  }

  argmax(x: Float32Array, cols: number): number[] {
    const at = this.begin(x, cols, []);
    const y = this.alloc((4 * x.length) / cols);
    this.point([at, y]);
    this.kernels.argmax(CALL);
    return [...new Int32Array(this.memory.buffer, y, x.length / cols)];
  }

  topK(x: Float32Array, cols: number, k: number): { values: Float32Array; indices: number[] } {
    const n = (k * x.length) / cols;
    const at = this.begin(x, cols, [k]);
    const [values, indices] = [this.alloc(4 * n), this.alloc(4 * n)];
    this.point([at, values, indices]);
    this.kernels.topK(CALL);
    const { buffer } = this.memory;
    return {
      values: new Float32Array(buffer, values, n).slice(),
      indices: [...new Int32Array(buffer, indices, n)],
    };
  }

  private stages(
    { temperature = 1, topK = 0, topP = 1, minP = 0 }: Parameters,
    raw: boolean,
    stride: number,
  ): number[] {
    return [1, raw ? 2 : 0, temperature, topK, topP, logOf(minP), 4 * stride];
  }

  /** `raw`: the tokens' logits; else their log-probabilities in what is drawn from. */
  sample(x: Float32Array, cols: number, records: Records, of: Parameters, raw = false) {
    const rows = x.length / cols;
    const at = this.begin(x, cols, this.stages(of, raw, records.stride));
    const [record, tokens, logProbs] = [
      this.alloc(records.words.byteLength),
      this.alloc(4 * rows),
      this.alloc(4 * rows),
    ];
    new Int32Array(this.memory.buffer, record, records.words.length).set(records.words);
    this.point([at, logProbs, tokens, record]);
    this.kernels.sample(CALL);
    const { buffer } = this.memory;
    return {
      tokens: [...new Int32Array(buffer, tokens, rows)],
      logProbs: new Float32Array(buffer, logProbs, rows).slice(),
      isUnchanged: () => new Float32Array(buffer, at, x.length).every((v, i) => Object.is(v, x[i])),
    };
  }

  filterLogits(x: Float32Array, cols: number, records: Records | null, of: Parameters, inPlace = false): Float32Array {
    const at = this.begin(x, cols, this.stages(of, false, records?.stride ?? 0));
    const record = records === null ? 0 : this.alloc(records.words.byteLength);
    const y = inPlace ? at : this.alloc(x.byteLength);
    if (records) new Int32Array(this.memory.buffer, record, records.words.length).set(records.words);
    this.point([at, y, record]);
    this.kernels.filterLogits(CALL);
    return new Float32Array(this.memory.buffer, y, x.length).slice();
  }
}
