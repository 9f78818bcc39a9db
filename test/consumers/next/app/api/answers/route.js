import { answers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';

// Else the answer would be computed once, by the build.
export const dynamic = 'force-dynamic';

export async function GET() {
  return Response.json(await answers({ crossEntropyWithGrad, softmax }, backend()));
}
