import { answers } from 'consumer-report';
import { backend, crossEntropyWithGrad, softmax } from 'softmax-simd';
import { Client } from './client.jsx';

/** A server component: its answers travel in the page. */
export default async function Page() {
  return <Client server={await answers({ crossEntropyWithGrad, softmax }, backend())} />;
}
