import { answers, poolAnswers } from 'consumer-report';
import * as main from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
import * as scalar from 'softmax-simd/scalar';

async function report() {
  return {
    main: await answers(main, main.backend()),
    scalar: await answers(scalar, scalar.backend()),
    pool: await poolAnswers(createPool, main.softmax),
    oneCopy: require('softmax-simd').softmax === main.softmax,
  };
}

// `print` is the command line's.
report()
  .then(JSON.stringify, (error) => error.stack)
  .then(globalThis.print);
