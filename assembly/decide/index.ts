/** The exports of the module of decisions, over the memory of one of the others; docs/abi.md has the layout. */
export { abi } from '../tier';
export { CALL_SCRATCH, SCRATCH_BYTES } from './scratch';
export { argmax } from './argmax';
export { filterLogits } from './filter-logits';
export { sample } from './sample';
export { topK } from './top-k';
