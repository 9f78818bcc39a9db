import { answers } from 'consumer-report';
import * as main from 'softmax-simd';
import * as scalar from 'softmax-simd/scalar';

export const config = { matcher: '/middleware' };

export async function middleware() {
  return Response.json({
    main: await answers(main, main.backend()),
    scalar: await answers(scalar, scalar.backend()),
  });
}
