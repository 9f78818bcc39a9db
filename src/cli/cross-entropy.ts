import type { CrossEntropyOptions, Engine } from '../index.js';
import {
  loadClassWeights,
  loadLogits,
  loadTargets,
  saveAll,
  translateErrors,
  type Loaded,
  type Logits,
} from './arrays.js';
import {
  checkOutputsDiffer,
  engineOf,
  fileName,
  inputFile,
  numberFlag,
  usageError,
  type CROSS_ENTROPY_FLAGS,
  type Flags,
} from './flags.js';
import { npy } from './npy.js';

type CrossEntropyFlags = Flags<typeof CROSS_ENTROPY_FLAGS>;
type ReducedOptions = CrossEntropyOptions & { reduction: 'mean' | 'sum' };

/** Prints the reduced loss alone; writes row losses with -o and dlogits with --grad. */
export async function runCrossEntropy(flags: CrossEntropyFlags): Promise<void> {
  const { op, values } = flags;
  const input = inputFile(flags);
  if (values.targets === undefined) throw usageError(op, 'expected --targets with a file of labels or probabilities');
  const targetsPath = fileName(op, values.targets);
  const weightsPath = values['class-weights'];
  checkOutputsDiffer(op, values.output, values.grad);
  const options = optionsOf(flags);
  const engine = engineOf(op, values.tier);
  // An empty batch has the options checked before a large file is read.
  translateErrors(op, {}, () => engine.crossEntropy(new Float32Array(0), new Int32Array(0), 1, options));

  const logits = await loadLogits(npy, input);
  const targets = await loadTargets(npy, targetsPath, logits);
  const classWeights =
    weightsPath === undefined ? undefined : await loadClassWeights(npy, fileName(op, weightsPath), logits.cols);
  const { loss, outputs } = translateErrors(op, { logits, targets, classWeights }, () =>
    compute(engine, logits, targets, { ...options, classWeights: classWeights?.values }, values),
  );
  await saveAll(npy, outputs);
  process.stdout.write(`${loss}\n`);
}

function optionsOf({ op, values }: CrossEntropyFlags): ReducedOptions {
  const { reduction = 'mean' } = values;
  if (reduction === 'none') throw usageError(op, 'expected --reduction to be mean or sum (-o writes the row losses)');
  if (reduction !== 'mean' && reduction !== 'sum') {
    throw usageError(op, `expected --reduction to be mean or sum, got ${JSON.stringify(reduction)}`);
  }
  return {
    reduction,
    ignoreIndex: numberFlag(op, 'ignore-index', values['ignore-index']),
    labelSmoothing: numberFlag(op, 'label-smoothing', values['label-smoothing']),
    zLoss: numberFlag(op, 'z-loss', values['z-loss']),
    scale: numberFlag(op, 'scale', values.scale),
    temperature: numberFlag(op, 'temperature', values.temperature),
  };
}

function compute(
  engine: Engine,
  logits: Logits,
  targets: Loaded<Float32Array | Int32Array>,
  options: ReducedOptions,
  { output, grad }: CrossEntropyFlags['values'],
) {
  const { cols, rowShape, shape } = logits;
  const losses = output === undefined ? undefined : new Float32Array(logits.values.length / cols);
  const outputs: { path: string; shape: readonly number[]; values: Float32Array }[] = [];
  if (output !== undefined && losses !== undefined) outputs.push({ path: output, shape: rowShape, values: losses });
  if (grad === undefined) {
    return { loss: engine.crossEntropy(logits.values, targets.values, cols, { ...options, losses }), outputs };
  }
  const out = logits.values;
  const { loss } = engine.crossEntropyWithGrad(logits.values, targets.values, cols, { ...options, losses, out });
  outputs.push({ path: grad, shape, values: out });
  return { loss, outputs };
}
