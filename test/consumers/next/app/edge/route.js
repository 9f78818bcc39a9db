import { answers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';

export const runtime = 'edge';

export async function GET() {
  return Response.json(await answers({ crossEntropyWithGrad, softmax }, backend()));
}
